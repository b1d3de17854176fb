import {
  type AmlDifferenceSummary,
  countKinds,
  type ListKind,
  type MatchRef,
} from '../../src/domain/cases/aml-summary.js';
import type { AmlReason, CaseIdentity, ComplianceCase } from '../../src/domain/cases/case.js';
import type { CaseRefusal, CaseRequest } from '../../src/domain/cases/case-actions.js';
import type { CaseContext } from '../../src/domain/cases/case-clock.js';
import type { CaseEffect } from '../../src/domain/cases/case-effects.js';
import { type CasePolicy, DEFAULT_CASE_POLICY } from '../../src/domain/cases/case-policy.js';
import { type CaseInput, type CaseTurn, takeCaseTurn } from '../../src/domain/cases/case-turn.js';
import { openCase } from '../../src/domain/cases/case-versions.js';
import type { Actor } from '../../src/domain/cases/roles.js';
import { type Instant, later } from '../../src/domain/instant.js';

/** A Monday morning, in UTC and within the default working hours. */
export const CASE_BEGINS_AT = '2026-03-02T10:00:00.000Z';

export const OFFICER: Actor = { id: 'officer-1', roles: ['officer'] };
export const COLLEAGUE: Actor = { id: 'officer-2', roles: ['officer'] };
export const APPROVER: Actor = { id: 'approver-1', roles: ['approver'] };

export const AML_CASE: CaseIdentity = {
  caseId: 'case-1',
  kind: 'aml',
  referenceNo: 'ref-1',
  journeyId: 'journey-1',
};

/** Takes changes of the policy and how many there are to tell; returns the context. */
export function caseContext(policy: Partial<CasePolicy> = {}, recipients = 3): CaseContext {
  return { policy: { ...DEFAULT_CASE_POLICY, ...policy }, recipients };
}

const NONE = countKinds([]);

/** Takes lists of kinds, one of each match that was added, removed or changed; returns the summary. */
export function summaryOf(of: {
  added?: readonly ListKind[];
  removed?: readonly ListKind[];
  changed?: readonly ListKind[];
  gained?: ListKind;
  whitelisted?: number;
  whitelistedElsewhere?: number;
  open?: readonly MatchRef[];
  notWhitelistable?: readonly MatchRef[];
}): AmlDifferenceSummary {
  const count = (kinds: readonly ListKind[] = []) => ({
    matches: kinds.length,
    kinds: countKinds(kinds.map((kind) => [kind])),
  });
  return {
    added: count(of.added),
    removed: count(of.removed),
    changed: count(of.changed),
    gained: of.gained === undefined ? NONE : { ...NONE, [of.gained]: 1 },
    whitelisted: of.whitelisted ?? 0,
    whitelistedElsewhere: of.whitelistedElsewhere ?? 0,
    open: of.open ?? ['m1'],
    notWhitelistable: of.notWhitelistable ?? [],
  };
}

/** Takes the version and what it brought; returns the change to it from the one before. */
export function amlReason(
  toVersion: number,
  summary: AmlDifferenceSummary = summaryOf({ added: ['pep'] }),
  changes: Partial<AmlReason> = {},
): AmlReason {
  return {
    changeId: `change to ${toVersion}`,
    fromVersion: toVersion - 1,
    toVersion,
    digest: `digest ${toVersion}`,
    showing: 'shown',
    summary,
    ...changes,
  };
}

/** One case's story, turn by turn; a second passes before each turn. */
export class CaseStory {
  case: ComplianceCase;
  now: Instant;
  last: CaseTurn;
  readonly effects: CaseEffect[] = [];
  /** Whether another case has frozen the customer. */
  frozenElsewhere = false;
  private requestCount = 0;

  constructor(
    reason: AmlReason = amlReason(1),
    readonly context: CaseContext = caseContext(),
    at: Instant = CASE_BEGINS_AT,
  ) {
    this.now = at;
    const opened = openCase(AML_CASE, { because: { kind: 'aml', ...reason }, detectedAt: at }, context, at);
    if (opened === null) throw new Error('The change opens no case.');
    this.case = opened.case;
    this.effects.push(...opened.effects);
    this.last = takeCaseTurn(opened.case, { kind: 'clock' }, context, at);
  }

  get state() {
    return this.case.state;
  }

  get kinds(): readonly string[] {
    return this.effects.map(({ kind }) => kind);
  }

  pass(ms: number): this {
    this.now = later(this.now, ms);
    return this;
  }

  take(input: CaseInput): CaseTurn {
    this.pass(1_000);
    const turn = takeCaseTurn(this.case, input, this.context, this.now);
    this.case = turn.case;
    this.effects.push(...turn.effects);
    this.last = turn;
    return turn;
  }

  /** Monitoring finds this. */
  finds(reason: AmlReason): CaseTurn {
    return this.take({
      kind: 'found',
      because: { kind: 'aml', ...reason },
      detectedAt: later(this.now, 1_000),
    });
  }

  /** Somebody does something; returns why it was refused, or null. */
  does(actor: Actor, request: CaseRequest, requestId = this.nextRequestId()): CaseRefusal | null {
    const { frozenElsewhere } = this;
    return this.take({ kind: 'request', requestId, actor, request, frozenElsewhere, hasWords: false })
      .refusal;
  }

  private nextRequestId(): string {
    this.requestCount += 1;
    return `request-${this.requestCount}`;
  }

  /** The clock moves to the next thing that is due; returns what that brought, or null where nothing is. */
  ticks(): readonly CaseEffect[] | null {
    const next = this.last.agenda[0];
    if (next === undefined) return null;
    this.now = later(next.at, -1_000);
    return this.take({ kind: 'clock' }).effects;
  }

  /** An officer acknowledges and proposes, and the approver approves. */
  concludes(
    outcome: Extract<CaseRequest, { action: 'propose' }>['outcome'],
    matches: readonly string[] = [],
  ): this {
    this.does(OFFICER, { action: 'acknowledge' });
    this.does(OFFICER, this.proposal(outcome, matches));
    this.does(APPROVER, { action: 'approve', proposal: this.case.proposals, reasonId: 'reason-2' });
    if (this.state !== 'closed') throw new Error(`The case is ${this.state}.`);
    return this;
  }

  /** A proposal that saw the case as it is. */
  proposal(
    outcome: Extract<CaseRequest, { action: 'propose' }>['outcome'],
    matches: readonly string[] = [],
  ): Extract<CaseRequest, { action: 'propose' }> {
    const version = this.case.versions.length;
    return { action: 'propose', version, outcome, matches, reasonId: 'reason-1' };
  }

  /** What the customer's workflow was asked to do. */
  get measures() {
    return this.effects.flatMap((effect) => (effect.kind === 'measure_wanted' ? [effect.measure] : []));
  }
}
