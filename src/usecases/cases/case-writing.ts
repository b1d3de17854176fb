import { createHash } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { AuditEntry } from '../../audit/audit-record.js';
import type { WantedMeasure } from '../../domain/case-measures.js';
import { type ComplianceCase, latestVersion } from '../../domain/cases/case.js';
import { type CaseAgendaItem, type CaseContext, caseAgenda } from '../../domain/cases/case-clock.js';
import type { CaseEffect } from '../../domain/cases/case-effects.js';
import type { Instant } from '../../domain/instant.js';
import { measureInboxRow } from '../../intake/inbox-row.js';
import type { CaseRow } from '../../store/case-records.js';
import type { OutboxRow } from '../../store/outbox-records.js';
import type { AuditCause } from '../../store/records.js';
import type { Store } from '../../store/store.js';
import { keptDifferences } from './case-differences.js';
import { type CaseMailRules, caseMailRows } from './case-mails.js';

/** One turn of a case, ready to be written. */
export interface CaseWriting {
  /** The row as read in the transaction; null: the case is new. */
  readonly before: CaseRow | null;
  readonly case: ComplianceCase;
  readonly effects: readonly CaseEffect[];
  /** What the turn seals beside the case. */
  readonly sealed?: {
    readonly differences?: Record<string, string>;
    readonly words?: Record<string, string>;
  };
  readonly cause: AuditCause;
  readonly at: Instant;
}

/** What the writer of a turn owes to the rest of its transaction. */
export interface WrittenCase {
  /** What the case wants done to the customer, as it also stands in the inbox. */
  readonly measures: readonly WantedMeasure[];
  readonly audit: readonly AuditEntry[];
  readonly mails: readonly OutboxRow[];
  readonly agenda: readonly CaseAgendaItem[];
}

interface Dependencies {
  readonly store: Pick<Store, 'cases' | 'inbox'>;
  readonly context: CaseContext;
  readonly mailRules: CaseMailRules;
  readonly policyVersion: string;
}

/**
 * Writes a case's turn in the transaction of whoever brought it about: the row by compare-and-set, and the measures that
 * it wants of the customer's workflow as rows of the inbox, so that they take the same durable way as an event. Records
 * and mails are returned, because they are written with those of the customer's own turn.
 *
 * @throws when the case changed while the turn was being written; the transaction is repeated.
 */
export async function writeCaseTurn(
  { store, context, mailRules, policyVersion }: Dependencies,
  session: mongo.ClientSession,
  writing: CaseWriting,
): Promise<WrittenCase> {
  const { before, effects, at, cause } = writing;
  const of = writing.case;
  const agenda = caseAgenda(of, context, at);
  const row = rowOf(writing, agenda);
  if (before === null) {
    await store.cases.insertOne(row, { session });
  } else {
    const { _id, ...members } = row;
    const written = await store.cases.updateOne(
      { _id, revision: before.revision },
      { $set: members },
      { session },
    );
    if (written.matchedCount !== 1) throw new Error('The case changed while its turn was being written.');
  }
  const { caseId, referenceNo, journeyId } = of;
  const { revision } = row;
  const measures = effects.flatMap((effect) =>
    effect.kind === 'measure_wanted' ? [{ caseId, revision, journeyId, measure: effect.measure }] : [],
  );
  for (const [index, wanted] of measures.entries()) {
    const id = `case:${caseId}:${revision}:${index}`;
    await store.inbox.insertOne(measureInboxRow(wanted, id, referenceNo, new Date(at)), { session });
  }
  return {
    measures,
    audit: effects.map((effect, index) => auditEntry(of, effect, index, revision, cause, at, policyVersion)),
    mails: caseMailRows(of, effects, context, mailRules, at),
    agenda,
  };
}

function rowOf({ before, case: of, sealed, at }: CaseWriting, agenda: readonly CaseAgendaItem[]): CaseRow {
  const wakeAt = agenda[0]?.at ?? null;
  return {
    _id: of.caseId,
    referenceNo: of.referenceNo,
    journeyId: of.journeyId,
    revision: (before?.revision ?? 0) + 1,
    case: of,
    isOpen: of.state !== 'closed',
    state: of.state,
    severity: of.severity,
    owner: of.owner,
    dueAt: new Date(of.due.at),
    proposedBy: of.proposal?.proposedBy ?? null,
    wakeAt: wakeAt === null ? null : new Date(wakeAt),
    untoldSince: new Date(at),
    updatedAt: new Date(at),
    differences: keptDifferences({ ...before?.differences, ...sealed?.differences }),
    // Words stand as they were written: records name them by their id alone.
    words: { ...sealed?.words, ...before?.words },
  };
}

/** Effects of a case stand in the trail of its customer, each once. */
function auditEntry(
  of: ComplianceCase,
  effect: CaseEffect,
  index: number,
  revision: number,
  cause: AuditCause,
  at: Instant,
  policyVersion: string,
): AuditEntry {
  const { caseId, journeyId } = of;
  const { kind, ...detail } = effect;
  const name = `case:${kind}`;
  const actor = 'actor' in effect && effect.actor !== null ? effect.actor : 'system';
  return {
    _id: createHash('sha256').update(`${caseId}\n${revision}\n${index}`).digest('hex').slice(0, 32),
    at: new Date(at),
    cause: { ...cause, id: `${caseId}:${revision}:${index}` },
    actor,
    effect: name,
    journeyId,
    from: null,
    to: { caseId, caseVersion: latestVersion(of).number, ...detail },
    policyVersion,
    snapshotDigest: null,
  };
}
