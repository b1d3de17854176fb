import type { mongo } from 'mongoose';
import type { CaseRefusal, CaseRequest } from '../../domain/cases/case-actions.js';
import type { CaseContext } from '../../domain/cases/case-clock.js';
import { takeCaseTurn } from '../../domain/cases/case-turn.js';
import type { Actor } from '../../domain/cases/roles.js';
import { upgradeCase } from '../../domain/cases/upgrade-case.js';
import type { Vault } from '../../personal-data/vault.js';
import { appendAudit } from '../../store/audit-chain.js';
import type { Store } from '../../store/store.js';
import type { CaseMailRules } from './case-mails.js';
import { writeCaseTurn } from './case-writing.js';
import { isFrozenElsewhere } from './frozen-elsewhere.js';

/** What somebody at the desk does to a case. */
export interface CaseAct {
  readonly caseId: string;
  /** Made by the page; an act that is sent twice is done once. */
  readonly requestId: string;
  readonly actor: Actor;
  readonly request: CaseRequest;
  /** The words that `request` names by the id of this request; null where it needs none. */
  readonly words: string | null;
}

export type ActedOnCase =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly refusal: CaseRefusal }
  | { readonly kind: 'no_case' };

export type ActOnCase = (act: CaseAct, now: Date) => Promise<ActedOnCase>;

interface Dependencies {
  readonly store: Store;
  readonly vault: Vault;
  readonly context: CaseContext;
  readonly mailRules: CaseMailRules;
  readonly policyVersion: string;
  /** Tells the case's workflow that there is something new; a sweeper does where this does not. */
  readonly onChanged: (caseId: string) => void;
}

/**
 * Makes the use case by which people act on a case: one transaction writes the case, a record for each effect in the
 * customer's trail, the mails that follow, and what the customer's workflow is to do. Whether it may be done is decided
 * by the domain, by roles that come from the person's sign-in.
 */
export function createActOnCase(dependencies: Dependencies): ActOnCase {
  const { store, vault, context, onChanged } = dependencies;
  return async ({ caseId, requestId, actor, request, words }, now) => {
    const at = now.toISOString();
    const found = await store.cases.findOne({ _id: caseId }, { projection: { referenceNo: 1 } });
    if (found === null) return { kind: 'no_case' };
    const sealed = words === null ? null : await vault.seal(found.referenceNo, { words });
    const outcome = await store.transaction(
      `customer:${found.referenceNo}`,
      async (session): Promise<ActedOnCase> => {
        const row = await store.cases.findOne({ _id: caseId }, { session });
        const profile = await store.profiles.findOne({ _id: found.referenceNo }, { session });
        if (row === null || profile === null) return { kind: 'no_case' };
        const asked = await withOwnersRoles(store, session, request);
        const hasWords = Object.hasOwn(row.words, requestId);
        const frozenElsewhere = await isFrozenElsewhere(store, row, profile, session);
        const turn = takeCaseTurn(
          upgradeCase(row.case),
          { kind: 'request', requestId, actor, request: asked, frozenElsewhere, hasWords },
          context,
          at,
        );
        if (turn.refusal !== null) return { kind: 'refused', refusal: turn.refusal };
        if (turn.effects.length === 0) return { kind: 'done' };
        const written = await writeCaseTurn(dependencies, session, {
          before: row,
          case: turn.case,
          effects: turn.effects,
          ...(sealed === null ? {} : { sealed: { words: { [requestId]: sealed } } }),
          cause: { kind: 'person', id: requestId },
          at,
        });
        if (written.mails.length > 0) await store.outbox.insertMany([...written.mails], { session });
        await appendAudit(store, session, profile, written.audit);
        return { kind: 'done' };
      },
    );
    if (outcome.kind === 'done') onChanged(caseId);
    return outcome;
  };
}

/** Whom a case is given to is known by their last sign-in. */
async function withOwnersRoles(
  { deskPeople }: Store,
  session: mongo.ClientSession,
  request: CaseRequest,
): Promise<CaseRequest> {
  if (request.action !== 'assign') return request;
  const { id } = request.owner;
  const person = await deskPeople.findOne({ _id: id }, { session });
  return { ...request, owner: { id, roles: person?.roles ?? [] } };
}
