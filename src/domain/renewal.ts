import { stepsUnderWay } from './checks.js';
import {
  type CustomerFacts,
  type JourneyFacts,
  knownJourney,
  type RenewalFacts,
  withJourney,
} from './customer.js';
import { documentNotice } from './document-expiry.js';
import type { Effect } from './effects.js';
import type { IdwiseEvent, RequiredStep } from './idwise-event.js';
import { earliest, type Instant, later, toMs } from './instant.js';
import type { IdentityDigests } from './journey.js';
import type { Policy, Status } from './policy.js';
import type { Judgement } from './status.js';

/**
 * A renewal asks an approved customer to do steps anew by a deadline (contract §6). Until then they keep what they have;
 * afterwards a hold lies on them, which the renewal alone lifts. IDWise's events only add the duty: whether it is done
 * is seen in the journey as fetched, by another result over other steps.
 */

/** An event is delivered for half an hour (contract §2); a request that comes so soon after its renewal belongs to it. */
const REQUEST_LAGS_AT_MOST_MS = 60 * 60_000;

/** Takes a journey and an event that asks for its renewal, or says that the deadline has passed; returns it with that. */
export function renewalAsked(journey: JourneyFacts, event: IdwiseEvent, at: Instant): JourneyFacts {
  const named = event.requiredSteps
    .map((step) => step.renewalDeadline)
    .reduce<Instant | null>((first, next) => (next === null ? first : earliest(next, first)), null);
  if (isAnswered(journey, named, at)) return journey;
  const known = journey.renewal;
  const isExceeded = event.kind === 'kyc_renewal_deadline_exceeded';
  return {
    ...journey,
    renewal: {
      by: 'idwise',
      askedAt: known?.by === 'idwise' ? earliest(at, known.askedAt) : at,
      steps: mergedSteps(known?.steps ?? [], event.requiredSteps),
      deadline: named === null ? (known?.deadline ?? null) : earliest(named, known?.deadline ?? null),
      exceededHeardAt: isExceeded
        ? earliest(at, known?.exceededHeardAt ?? null)
        : (known?.exceededHeardAt ?? null),
      stepsInAt: known?.stepsInAt ?? null,
      toldAt: known?.toldAt ?? null,
    },
  };
}

/** A late word about a renewal that has been done meanwhile asks for nothing; the first approval renews nothing. */
function isAnswered({ approvedResult }: JourneyFacts, deadline: Instant | null, at: Instant): boolean {
  const approvedAt = approvedResult?.endTime ?? null;
  if (approvedResult === null || approvedAt === null || !approvedResult.isOverNewSteps) return false;
  return deadline === null
    ? toMs(at) - toMs(approvedAt) <= REQUEST_LAGS_AT_MOST_MS
    : toMs(deadline) <= toMs(approvedAt);
}

/** The two events name the same steps, one with reasons, the other with deadlines, in either order. */
function mergedSteps(
  known: readonly RequiredStep[],
  named: readonly RequiredStep[],
): readonly RequiredStep[] {
  const byId = new Map(known.map((step) => [step.stepId, step]));
  for (const step of named) {
    const other = byId.get(step.stepId);
    byId.set(step.stepId, {
      stepId: step.stepId,
      reasonCode: step.reasonCode ?? other?.reasonCode ?? null,
      renewalDeadline: step.renewalDeadline ?? other?.renewalDeadline ?? null,
    });
  }
  return [...byId.values()];
}

/** Takes a renewal and the policy; returns its deadline: the one that was named, else by the policy's grace period. */
export function renewalDueAt({ deadline, askedAt }: RenewalFacts, { renewal }: Policy): Instant {
  return deadline ?? later(askedAt, renewal.gracePeriodMs);
}

/**
 * Takes the ruling journey (null: none) and what is found of it; returns the renewal that an approved customer still has
 * to do, or null where there is none, or all of its steps are in.
 */
export function renewalToDo(journey: JourneyFacts | null, finding: Status): RenewalFacts | null {
  return journey === null || finding !== 'approved' || renewedStepsAreIn(journey) ? null : journey.renewal;
}

/** Somebody has said that all is done, and a look shows other steps: those alone may be half of what was asked for. */
function renewedStepsAreIn({ renewal, approvedResult, snapshot }: JourneyFacts): boolean {
  if (renewal === null || renewal.stepsInAt === null || snapshot === null) return false;
  return approvedResult === null || snapshot.stepsDigest !== approvedResult.stepsDigest;
}

/** IDWise's word that the deadline has passed counts whatever is under way; our own clock not while steps are read. */
function isOverdue(journey: JourneyFacts, finding: Status, policy: Policy, now: Instant): boolean {
  if (journey.renewal !== null && journey.renewal.exceededHeardAt !== null) return true;
  const toDo = renewalToDo(journey, finding);
  return toDo !== null && policy.renewal.suspendsWhenDue && toMs(now) >= toMs(renewalDueAt(toDo, policy));
}

/**
 * Takes the ruling journey (null: none), what is found of it, the policy and the time; returns when the clock alone asks
 * for a renewal or suspends.
 */
export function renewalClock(
  journey: JourneyFacts | null,
  finding: Status,
  policy: Policy,
  now: Instant,
): Instant | null {
  if (journey === null || finding !== 'approved') return null;
  const toDo = renewalToDo(journey, finding);
  const dueAt = toDo !== null && policy.renewal.suspendsWhenDue ? renewalDueAt(toDo, policy) : null;
  const next = journey.renewal === null ? (documentNotice(journey, policy)?.at ?? null) : dueAt;
  return next !== null && toMs(next) > toMs(now) ? next : null;
}

/**
 * Takes the facts, what is found of the ruling journey, the policy and the time; returns the facts with its renewal as it
 * now stands (asked for by an expiring document, told, done, overdue) and with the hold that follows, and what changed.
 */
export function settleRenewal(
  facts: CustomerFacts,
  { journeyId, finding, findingGround }: Pick<Judgement, 'journeyId' | 'finding' | 'findingGround'>,
  policy: Policy,
  at: Instant,
): { readonly facts: CustomerFacts; readonly effects: readonly Effect[] } {
  const before = journeyId === null ? undefined : knownJourney(facts, journeyId);
  if (journeyId === null || before === undefined || facts.closedAt !== null) return { facts, effects: [] };
  const effects: Effect[] = [];
  // Where only an earlier approval stands, nothing has been approved anew.
  const isApproved = finding === 'approved' && findingGround !== 'approval_stands';
  let journey = isApproved ? withApprovedResult(before, policy, at) : before;
  if (before.renewal !== null && journey.renewal === null) effects.push({ kind: 'renewed', journeyId });
  if (isApproved && journey.renewal === null) journey = askedByDocument(journey, policy, at);

  const isHeld = facts.holds.includes('renewal');
  const isToBeHeld = isOverdue(journey, finding, policy, at);
  // Another result ends nothing; only the approved renewal, here or by a newer journey, does.
  const isLifted = isHeld && isApproved && journey.renewal === null;
  const others = facts.holds.filter((hold) => hold !== 'renewal');
  const holds = (isHeld && !isLifted) || isToBeHeld ? [...others, 'renewal' as const] : others;

  const toDo = holds.length === 0 ? renewalToDo(journey, finding) : null;
  if (toDo !== null && toDo.toldAt === null) {
    journey = { ...journey, renewal: { ...toDo, toldAt: at } };
    effects.push({ kind: 'renewal_asked', journeyId });
  }
  if (!isHeld && isToBeHeld) effects.push({ kind: 'hold_laid', hold: 'renewal', journeyId });
  if (isLifted) effects.push({ kind: 'hold_lifted', hold: 'renewal', journeyId });
  if (journey === before && effects.length === 0) return { facts, effects };
  return { facts: { ...withJourney(facts, journeyId, at, () => journey), holds }, effects };
}

/** Remembers what was approved, and of whom. The renewal is done by a result that is another one, over other steps. */
function withApprovedResult(journey: JourneyFacts, policy: Policy, at: Instant): JourneyFacts {
  const { snapshot, approvedResult: known, renewal } = journey;
  if (snapshot === null) return journey;
  const { stepsDigest, resultDigest, endTime, systemDecision, manualDecision } = snapshot;
  // Newer steps with the old result, or none yet: it is the old steps that were approved.
  if (known?.resultDigest === resultDigest || endTime === null) return journey;
  // First seen after the request: whether the steps that are there now are those before it, nobody can tell.
  if (known === null && renewal !== null && !isResultOf(renewal, endTime)) return journey;
  const decisions = `${systemDecision}/${manualDecision}`;
  const isSameTime = known !== null && known.endTime === endTime;
  // IDWise is still reading newer steps: what the ones before had shown is gone, and that is no result.
  if (isSameTime && known.stepsDigest !== stepsDigest && stepsUnderWay(snapshot).length > 0) return journey;
  // A reviewer, or AML, has changed the decision; the result is still that of the steps that were approved.
  if (isSameTime && known.decisions !== decisions)
    return { ...journey, approvedResult: { ...known, resultDigest, decisions } };
  const approved: JourneyFacts = {
    ...journey,
    approvedResult: {
      stepsDigest,
      resultDigest,
      endTime,
      decisions,
      isOverNewSteps: known !== null && (known.isOverNewSteps || known.stepsDigest !== stepsDigest),
    },
    personBefore: personShown(journey.personBefore, snapshot.identity),
  };
  if (renewal === null || known?.stepsDigest === stepsDigest) return approved;
  if (!isResultOf(renewal, endTime)) {
    // Where the end time does not tell which steps the result is about, somebody must have said that they are in. Until
    // then it is the old ones that were approved, or the result over the newer ones could not be told from this.
    if (!isSameTime) return approved;
    if (renewal.stepsInAt === null) return journey;
  }
  // A document that still expires so soon is none of the newer ones that were asked for.
  const notice = renewal.by === 'document_expiry' ? documentNotice(journey, policy) : null;
  const isDone = notice === null || toMs(notice.at) > toMs(at);
  return isDone ? { ...approved, renewal: null } : { ...approved, renewal: { ...renewal, stepsInAt: null } };
}

/** A result that had come about well before the request is none of the renewal, however late we see it. */
function isResultOf({ askedAt }: RenewalFacts, endTime: Instant): boolean {
  return toMs(endTime) > toMs(askedAt) - REQUEST_LAGS_AT_MOST_MS;
}

/** Who was approved: what this result shows; what it does not show, as before. */
function personShown(before: IdentityDigests | null, shown: IdentityDigests): IdentityDigests {
  return {
    birthDate: shown.birthDate ?? before?.birthDate ?? null,
    personalNumber: shown.personalNumber ?? before?.personalNumber ?? null,
    fullName: shown.fullName ?? before?.fullName ?? null,
    documentNumber: shown.documentNumber ?? before?.documentNumber ?? null,
    documentExpiry: shown.documentExpiry ?? before?.documentExpiry ?? null,
  };
}

function askedByDocument(journey: JourneyFacts, policy: Policy, at: Instant): JourneyFacts {
  const notice = documentNotice(journey, policy);
  if (notice === null || toMs(at) < toMs(notice.at)) return journey;
  const hasExpired = toMs(notice.expiresAt) <= toMs(at);
  return {
    ...journey,
    renewal: {
      by: 'document_expiry',
      askedAt: at,
      steps: notice.stepIds(at).map((stepId) => ({
        stepId,
        reasonCode: DOCUMENT_EXPIRED,
        renewalDeadline: null,
      })),
      // Nobody is suspended who has never been asked: what has expired unwatched has the policy's grace.
      deadline: hasExpired ? null : notice.expiresAt,
      exceededHeardAt: null,
      stepsInAt: null,
      toldAt: null,
    },
  };
}

/** The reason that IDWise gives for it (contract §6). */
const DOCUMENT_EXPIRED = 'DOCUMENT_EXPIRED';
