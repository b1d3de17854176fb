import { randomUUID } from 'node:crypto';
import type { CaseRequest } from '../../src/domain/cases/case-actions.js';
import type { CasePolicy } from '../../src/domain/cases/case-policy.js';
import type { Actor } from '../../src/domain/cases/roles.js';
import { createVault } from '../../src/personal-data/vault.js';
import { createTellCaseClock, type TellCaseClock } from '../../src/temporal/case-clock-starter.js';
import { type ActOnCase, createActOnCase } from '../../src/usecases/cases/act-on-case.js';
import type { SkippedWorld } from './skipped-world.js';

const OFFICER: Actor = { id: 'officer-1', roles: ['officer'] };
const APPROVER: Actor = { id: 'approver-1', roles: ['approver'] };

/** The people at the desk, at the time that the workflows' clock says. What they do, the case's clock is told of. */
export class CaseDesk {
  private readonly act: ActOnCase;
  readonly tellsClock: TellCaseClock;

  constructor(
    private readonly world: SkippedWorld,
    policy: CasePolicy,
    recipients: readonly string[],
    key: Buffer,
  ) {
    this.tellsClock = createTellCaseClock(world.environment.client, world.taskQueue);
    this.act = createActOnCase({
      store: world.store,
      vault: createVault(key),
      context: { policy, recipients: recipients.length },
      mailRules: { recipients },
      policyVersion: 'of the test',
      onChanged: () => undefined,
    });
  }

  async acknowledges(caseId: string): Promise<void> {
    await this.does(caseId, OFFICER, { action: 'acknowledge' });
  }

  /** An officer and an approver conclude that the customer is to be monitored. */
  async concludes(caseId: string): Promise<void> {
    const row = await this.world.store.cases.findOne({ _id: caseId });
    if (row === null) throw new Error(`There is no case ${caseId}.`);
    const { versions, proposals, awaitingSince } = row.case;
    if (awaitingSince !== null) await this.acknowledges(caseId);
    const proposed = { action: 'propose', outcome: 'monitor', matches: [] } as const;
    await this.does(caseId, OFFICER, { ...proposed, version: versions.length }, 'Known to us.');
    await this.does(caseId, APPROVER, { action: 'approve', proposal: proposals + 1 }, 'Agreed.');
  }

  async concludesAll(): Promise<void> {
    for (const { _id } of await this.world.store.cases.find({ isOpen: true }).toArray())
      await this.concludes(_id);
  }

  private async does(
    caseId: string,
    actor: Actor,
    request: WithoutWords<CaseRequest>,
    words: string | null = null,
  ): Promise<void> {
    const requestId = randomUUID();
    const full = (words === null ? request : { ...request, reasonId: requestId }) as CaseRequest;
    const outcome = await this.act(
      { caseId, requestId, actor, request: full, words },
      await this.world.now(),
    );
    if (outcome.kind !== 'done') throw new Error(`The case was not acted on: ${JSON.stringify(outcome)}`);
    await this.tellsClock(caseId);
  }
}

type WithoutWords<Request> = Request extends unknown ? Omit<Request, 'reasonId' | 'noteId'> : never;
