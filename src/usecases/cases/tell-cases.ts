import { createHash } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { AuditEntry } from '../../audit/audit-record.js';
import type { WantedMeasure } from '../../domain/case-measures.js';
import {
  type CaseIdentity,
  type CaseReason,
  type ComplianceCase,
  caseKey,
  lagsSince,
} from '../../domain/cases/case.js';
import {
  type CaseCause,
  caseCauses,
  caseKindOf,
  journeysKnownBefore,
} from '../../domain/cases/case-causes.js';
import type { CaseContext } from '../../domain/cases/case-clock.js';
import { takeCaseTurn } from '../../domain/cases/case-turn.js';
import { type CaseChange, openCase } from '../../domain/cases/case-versions.js';
import { upgradeCase } from '../../domain/cases/upgrade-case.js';
import { type CustomerFacts, knownJourney } from '../../domain/customer.js';
import type { Turn } from '../../domain/customer-turn.js';
import type { Standing } from '../../domain/effects.js';
import type { Instant } from '../../domain/instant.js';
import type { Vault } from '../../personal-data/vault.js';
import type { OutboxRow } from '../../store/outbox-records.js';
import type { AuditCause } from '../../store/records.js';
import type { Store } from '../../store/store.js';
import type { CaseMailRules } from './case-mails.js';
import { type WrittenCase, writeCaseTurn } from './case-writing.js';
import { type FoundDifference, findDifference, takeAsKnown } from './known-matches.js';

/** A turn of a customer, as far as cases hear of it. */
export interface CustomerNews {
  readonly referenceNo: string;
  readonly before: CustomerFacts;
  readonly stood: Standing;
  readonly turn: Turn;
  readonly turnNumber: number;
  readonly cause: AuditCause;
  readonly at: Instant;
}

/** What the customer's turn is to write along with its own records and messages. */
export interface ToldCases {
  /** What the customer's turn lays itself: their money must not leave while the case's word waits for its turn. */
  readonly holds: readonly WantedMeasure[];
  readonly audit: readonly AuditEntry[];
  readonly mails: readonly OutboxRow[];
  /** Cases whose workflows are to hear that there is something new. */
  readonly caseIds: readonly string[];
}

export type TellCases = (session: mongo.ClientSession, news: CustomerNews) => Promise<ToldCases>;

interface Dependencies {
  readonly store: Pick<Store, 'cases' | 'inbox' | 'knownMatches' | 'journeyAnswers' | 'amlVersions'>;
  readonly vault: Vault;
  readonly context: CaseContext;
  readonly mailRules: CaseMailRules;
  readonly policyVersion: string;
}

/**
 * Makes the use case by which a customer's turn opens cases, adds versions to them, and closes reviews, in its own
 * transaction: a change that is on record has its case, and no change has two. What compliance knows from before an
 * import is kept as what the next change is compared with.
 */
export function createTellCases(dependencies: Dependencies): TellCases {
  return async (session, news) => {
    const { referenceNo, turn } = news;
    for (const journeyId of journeysKnownBefore(turn))
      await takeAsKnown(dependencies, session, {
        referenceNo,
        journeyId,
        answerDigest: answerDigestOf(turn, journeyId),
      });
    const told = {
      holds: [] as WantedMeasure[],
      audit: [] as AuditEntry[],
      mails: [] as OutboxRow[],
      caseIds: [] as string[],
    };
    for (const cause of caseCauses(news.before, news.stood, news.turn)) {
      const written = await tell(dependencies, session, news, cause);
      if (written === null) continue;
      told.holds.push(...written.measures.filter(({ measure }) => measure.kind === 'lay_hold'));
      told.audit.push(...written.audit);
      told.mails.push(...written.mails);
      told.caseIds.push(written.caseId);
    }
    return told;
  };
}

async function tell(
  dependencies: Dependencies,
  session: mongo.ClientSession,
  news: CustomerNews,
  cause: CaseCause,
): Promise<(WrittenCase & { readonly caseId: string }) | null> {
  const identity = identityOf(news.referenceNo, cause);
  const row = await dependencies.store.cases.findOne({ _id: identity.caseId }, { session });
  const before = row === null ? null : upgradeCase(row.case);
  const found = await findingOf(dependencies, session, news, cause, before);
  const change = changeOf(dependencies.context, identity, before, cause, found.because, news.at);
  if (change === null || change.effects.length === 0) return null;
  const number = change.case.versions.length;
  const isNewVersion = number > (before?.versions.length ?? 0);
  const { sealed } = found.difference ?? {};
  const written = await writeCaseTurn(dependencies, session, {
    before: row,
    case: change.case,
    effects: change.effects,
    ...(sealed !== undefined && isNewVersion ? { sealed: { differences: { [number]: sealed } } } : {}),
    cause: news.cause,
    at: news.at,
  });
  return { ...written, caseId: identity.caseId };
}

/** Opaque, so that it may stand in a mail; the same for the same customer, journey and kind, so that there is one. */
function identityOf(referenceNo: string, cause: CaseCause): CaseIdentity {
  const journeyId = cause.kind === 'aml_changed' ? cause.change.journeyId : cause.journeyId;
  const kind = caseKindOf(cause);
  const digest = createHash('sha256').update(caseKey({ kind, referenceNo, journeyId })).digest('hex');
  return { caseId: `case_${digest.slice(0, 20)}`, kind, referenceNo, journeyId };
}

async function findingOf(
  dependencies: Dependencies,
  session: mongo.ClientSession,
  { referenceNo, before: factsBefore, turn, turnNumber }: CustomerNews,
  cause: CaseCause,
  before: ComplianceCase | null,
): Promise<{ because: CaseReason | null; difference: FoundDifference | null }> {
  const changeId = `turn:${turnNumber}`;
  if (cause.kind === 'review_wanted')
    return { because: { kind: 'review', changeId, ground: cause.ground }, difference: null };
  if (cause.kind === 'review_decided') return { because: null, difference: null };
  const { journeyId, fromVersion, toVersion, digest, showing } = cause.change;
  const answerDigest = answerDigestOf(turn, journeyId);
  const toldDigest = knownJourney(factsBefore, journeyId)?.aml.digest ?? null;
  const whitelistedByUs = before?.whitelisted ?? [];
  const { from, digest: lastDigest } = lagsSince(before);
  const versions = { from: Math.min(from ?? fromVersion, fromVersion), to: toVersion };
  const mayLag = showing === 'lagging' || (showing === 'caught_up' && digest === lastDigest);
  const of = { referenceNo, journeyId, answerDigest, toldDigest, versions, mayLag, whitelistedByUs };
  const difference = await findDifference(dependencies, session, of);
  const { summary } = difference;
  return { because: { kind: 'aml', changeId, fromVersion, toVersion, digest, showing, summary }, difference };
}

/** @throws when the journey was never fetched, of which no turn tells anything about AML. */
function answerDigestOf({ facts }: Turn, journeyId: string): string {
  const digest = knownJourney(facts, journeyId)?.snapshot?.answerDigest;
  if (digest === undefined) throw new Error('AML changed of a journey that was never fetched.');
  return digest;
}

function changeOf(
  context: CaseContext,
  identity: CaseIdentity,
  before: ComplianceCase | null,
  cause: CaseCause,
  because: CaseReason | null,
  at: Instant,
): CaseChange | null {
  if (because === null) {
    if (before === null || cause.kind !== 'review_decided') return null;
    return takeCaseTurn(before, { kind: 'review_decided', ground: cause.ground }, context, at);
  }
  const finding = { because, detectedAt: at };
  return before === null
    ? openCase(identity, finding, context, at)
    : takeCaseTurn(before, { kind: 'found', ...finding }, context, at);
}
