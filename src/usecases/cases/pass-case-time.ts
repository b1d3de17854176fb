import type { mongo } from 'mongoose';
import type { ComplianceCase } from '../../domain/cases/case.js';
import type { CaseContext } from '../../domain/cases/case-clock.js';
import type { CaseAlarm, CaseEffect } from '../../domain/cases/case-effects.js';
import { takeCaseTurn } from '../../domain/cases/case-turn.js';
import { upgradeCase } from '../../domain/cases/upgrade-case.js';
import type { Instant } from '../../domain/instant.js';
import { appendAudit } from '../../store/audit-chain.js';
import type { CaseRow } from '../../store/case-records.js';
import type { OutboxMessage, OutboxRow } from '../../store/outbox-records.js';
import type { Store } from '../../store/store.js';
import { type CaseMailRules, digestMailId, digestMailRow } from './case-mails.js';
import { writeCaseTurn } from './case-writing.js';

/** How a case stands after its clock was looked at; what its workflow needs to sleep until the next time. */
export interface CaseStanding {
  readonly kind: 'case' | 'no_case';
  readonly state: string;
  readonly severity: string;
  readonly dueAt: Instant | null;
  readonly owner: string | null;
  readonly version: number;
  /** What the clock does next, and when; null: it waits for people alone. */
  readonly next: { readonly what: string; readonly at: Instant } | null;
  readonly deliveries: readonly { readonly outboxId: string; readonly channel: OutboxMessage['channel'] }[];
}

export type PassCaseTime = (of: { readonly caseId: string; readonly at: Instant }) => Promise<CaseStanding>;

interface Dependencies {
  readonly store: Store;
  readonly context: CaseContext;
  readonly mailRules: CaseMailRules;
  readonly policyVersion: string;
  readonly onAlarm: (code: CaseAlarm, caseId: string) => void;
}

const NO_CASE: CaseStanding = {
  kind: 'no_case',
  state: 'none',
  severity: 'none',
  dueAt: null,
  owner: null,
  version: 0,
  next: null,
  deliveries: [],
};

/**
 * Makes the use case that does what is due in a case by the clock: the next recipient is told, people are reminded, what
 * is overdue is told again. Doing it twice for one time does it once, because the case knows what it has told.
 */
export function createPassCaseTime(dependencies: Dependencies): PassCaseTime {
  const { store, context, onAlarm } = dependencies;
  return async ({ caseId, at }) => {
    const found = await store.cases.findOne({ _id: caseId }, { projection: { referenceNo: 1 } });
    if (found === null) return NO_CASE;
    return await store.transaction(
      `customer:${found.referenceNo}`,
      async (session): Promise<CaseStanding> => {
        const row = await store.cases.findOne({ _id: caseId }, { session });
        const profile = await store.profiles.findOne({ _id: found.referenceNo }, { session });
        if (row === null || profile === null) return NO_CASE;
        const turn = takeCaseTurn(upgradeCase(row.case), { kind: 'clock' }, context, at);
        const of = turn.case;
        const stands = {
          kind: 'case' as const,
          state: of.state,
          severity: of.severity,
          dueAt: of.state === 'closed' ? null : of.due.at,
          owner: of.owner,
          version: of.versions.length,
          next: turn.agenda[0] ?? null,
        };
        if (turn.effects.length === 0) {
          const wakeAt = stands.next === null ? null : new Date(stands.next.at);
          const isAsNoted = row.untoldSince === null && row.wakeAt?.getTime() === wakeAt?.getTime();
          // Another policy, too, changes when the clock is to act: what was noted under the old one would seem late for ever.
          if (!isAsNoted) await noteLooked(store, session, caseId, { wakeAt });
          return { ...stands, deliveries: [] };
        }
        // Told before it is written: rather twice than never, for the next look finds that the case has told it.
        for (const effect of turn.effects) if (effect.kind === 'alarm') onAlarm(effect.code, caseId);
        // Before the case is written, which is one of those that the digest is about.
        const digestRow = await digestOwed(dependencies, session, caseId, turn.effects);
        const written = await writeCaseTurn(dependencies, session, {
          before: row,
          case: of,
          effects: turn.effects,
          cause: { kind: 'timer', id: `clock:${at}` },
          at,
        });
        await noteLooked(store, session, caseId);
        const mails = [...written.mails, ...(digestRow === null ? [] : [digestRow])];
        if (mails.length > 0) await store.outbox.insertMany(mails, { session });
        await appendAudit(store, session, profile, written.audit);
        const deliveries = mails.map(({ _id, message }) => ({
          outboxId: _id,
          channel: message.channel,
        }));
        return { ...stands, deliveries };
      },
    );
  };
}

/** The clock has looked at the case as it stands in this transaction. */
async function noteLooked(
  { cases }: Store,
  session: mongo.ClientSession,
  caseId: string,
  noted: Partial<Pick<CaseRow, 'wakeAt'>> = {},
): Promise<void> {
  await cases.updateOne({ _id: caseId }, { $set: { untoldSince: null, ...noted } }, { session });
}

/**
 * One digest for all: the first case whose clock comes to it writes the mail about every case that is due in it, and the
 * others find themselves in it. A case that came too late for it, or of which there is a version more by now, gets a
 * further one; so each version is told once, in whatever order the clocks run. Of two that write at the same time one
 * begins anew, because both would write the row of one id.
 */
async function digestOwed(
  { store, context, mailRules }: Dependencies,
  session: mongo.ClientSession,
  caseId: string,
  effects: readonly CaseEffect[],
): Promise<OutboxRow | null> {
  const digestAt = effects.flatMap((effect) => (effect.kind === 'digest_due' ? [effect.digestAt] : []))[0];
  const [to] = mailRules.recipients;
  if (digestAt === undefined || to === undefined) return null;
  const written = await digestsWritten(store, session, digestAt, to);
  const due = await store.cases
    .find({ isOpen: true, 'case.told.digestAt': digestAt }, { session, projection: { case: 1 } })
    .sort({ dueAt: 1 })
    .toArray();
  const untold = due.map(({ case: of }) => upgradeCase(of)).filter((of) => !isToldIn(written, of));
  const [first, ...others] = untold;
  if (first === undefined || !untold.some((of) => of.caseId === caseId)) return null;
  return digestMailRow({ digestAt, to, number: written.length + 1 }, [first, ...others], context);
}

async function digestsWritten(
  { outbox }: Store,
  session: mongo.ClientSession,
  digestAt: Instant,
  to: string,
): Promise<readonly OutboxRow[]> {
  const written: OutboxRow[] = [];
  for (;;) {
    const _id = digestMailId({ digestAt, to, number: written.length + 1 });
    const row = await outbox.findOne({ _id }, { session });
    if (row === null) return written;
    written.push(row);
  }
}

function isToldIn(digests: readonly OutboxRow[], { caseId, versions }: ComplianceCase): boolean {
  return digests.some(
    ({ message }) =>
      'cases' in message &&
      message.cases.some((told) => told.caseId === caseId && told.version >= versions.length),
  );
}
