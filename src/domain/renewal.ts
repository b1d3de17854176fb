import {
  type CustomerFacts,
  type JourneyFacts,
  knownJourney,
  type RenewalFacts,
  withJourney,
} from './customer.js';
import type { Effect } from './effects.js';
import type { IdwiseEvent, RequiredStep } from './idwise-event.js';
import { earliest, type Instant, later, toMs } from './instant.js';
import type { Policy } from './policy.js';
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
  const deadline = event.requiredSteps
    .map((step) => step.renewalDeadline)
    .reduce<Instant | null>((first, next) => (next === null ? first : earliest(next, first)), null);
  if (isAnswered(journey, deadline, at)) return journey;
  const { renewal } = journey;
  const isExceeded = event.kind === 'kyc_renewal_deadline_exceeded';
  return {
    ...journey,
    renewal: {
      by: 'idwise',
      askedAt: renewal?.by === 'idwise' ? earliest(at, renewal.askedAt) : at,
      steps: mergedSteps(renewal?.steps ?? [], event.requiredSteps),
      deadline:
        deadline === null ? (renewal?.deadline ?? null) : earliest(deadline, renewal?.deadline ?? null),
      exceededHeardAt: isExceeded
        ? earliest(at, renewal?.exceededHeardAt ?? null)
        : (renewal?.exceededHeardAt ?? null),
    },
  };
}

/** A late word about a renewal that has been done meanwhile asks for nothing. */
function isAnswered({ renewedAt }: JourneyFacts, deadline: Instant | null, at: Instant): boolean {
  if (renewedAt === null) return false;
  return deadline === null
    ? toMs(at) - toMs(renewedAt) <= REQUEST_LAGS_AT_MOST_MS
    : toMs(deadline) <= toMs(renewedAt);
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

/** Takes a journey; returns true once a look shows other steps than those that are to be renewed. */
export function renewedStepsAreIn({ approvedResult, snapshot }: JourneyFacts): boolean {
  return approvedResult !== null && snapshot !== null && snapshot.stepsDigest !== approvedResult.stepsDigest;
}

/** Takes a journey, the policy and the time; returns true when its renewal is overdue: IDWise says so, or our clock. */
function isOverdue(journey: JourneyFacts, policy: Policy, now: Instant): boolean {
  const { renewal } = journey;
  if (renewal === null || renewedStepsAreIn(journey)) return false;
  const ourClockSays = policy.renewal.suspendsWhenDue && toMs(now) >= toMs(renewalDueAt(renewal, policy));
  return renewal.exceededHeardAt !== null || ourClockSays;
}

/** Takes the ruling journey, the policy and the time; returns when the clock alone asks for a renewal or suspends. */
export function renewalClock(journey: JourneyFacts, policy: Policy, now: Instant): Instant | null {
  const { renewal } = journey;
  const next =
    renewal === null
      ? documentNoticeAt(journey, policy)
      : policy.renewal.suspendsWhenDue && !renewedStepsAreIn(journey)
        ? renewalDueAt(renewal, policy)
        : null;
  return next !== null && toMs(next) > toMs(now) ? next : null;
}

/**
 * Takes the facts, what is found of the ruling journey, the policy and the time; returns the facts with renewals as they
 * now stand (asked for by an expiring document, done, overdue) and with the hold that follows, and what changed.
 */
export function settleRenewal(
  facts: CustomerFacts,
  found: Pick<Judgement, 'journeyId' | 'finding' | 'findingGround'>,
  policy: Policy,
  at: Instant,
): { readonly facts: CustomerFacts; readonly effects: readonly Effect[] } {
  const before = found.journeyId === null ? undefined : knownJourney(facts, found.journeyId);
  if (before === undefined || facts.closedAt !== null) return { facts, effects: [] };
  const effects: Effect[] = [];
  const { journeyId } = before;
  const isApproved = found.finding === 'approved' && found.findingGround !== 'approval_stands';
  const done = isApproved ? withApprovedResult(before, at) : before;
  if (before.renewal !== null && done.renewal === null) effects.push({ kind: 'renewed', journeyId });
  const journey = isApproved && done.renewal === null ? askedByDocument(done, policy, at) : done;

  const isHeld = facts.holds.includes('renewal');
  const isToBeHeld = isOverdue(journey, policy, at);
  // Another result ends nothing; only the approved renewal, here or by a newer journey, does.
  const isLifted = isHeld && isApproved && journey.renewal === null;
  if (!isHeld && isToBeHeld) effects.push({ kind: 'hold_laid', hold: 'renewal', journeyId });
  if (isLifted) effects.push({ kind: 'hold_lifted', hold: 'renewal', journeyId });
  const others = facts.holds.filter((hold) => hold !== 'renewal');
  const holds = (isHeld && !isLifted) || isToBeHeld ? [...others, 'renewal' as const] : others;
  if (journey === before && effects.length === 0) return { facts, effects };
  return { facts: { ...withJourney(facts, journeyId, at, () => journey), holds }, effects };
}

/** The renewal is done by an approved result that is another one, over other steps. */
function withApprovedResult(journey: JourneyFacts, at: Instant): JourneyFacts {
  const { snapshot, approvedResult, renewal } = journey;
  if (snapshot === null) return journey;
  const { stepsDigest, resultDigest, endTime } = snapshot;
  const sameSteps = approvedResult?.stepsDigest === stepsDigest;
  const sameResult = approvedResult?.resultDigest === resultDigest;
  // Newer steps with the old result: it is the old steps that were approved.
  if (sameResult) return journey;
  const isRenewed =
    approvedResult === null
      ? renewal !== null && endTime !== null && toMs(endTime) > toMs(renewal.askedAt)
      : !sameSteps;
  return {
    ...journey,
    approvedResult: { stepsDigest, resultDigest },
    ...(isRenewed ? { renewedAt: at, renewal: null } : {}),
  };
}

function askedByDocument(journey: JourneyFacts, policy: Policy, at: Instant): JourneyFacts {
  const noticeAt = documentNoticeAt(journey, policy);
  if (noticeAt === null || toMs(at) < toMs(noticeAt)) return journey;
  const expiring = expiringDocuments(journey);
  const deadline = expiring[0]?.expiresAt ?? null;
  return {
    ...journey,
    renewal: {
      by: 'document_expiry',
      askedAt: at,
      steps: expiring
        .filter(({ expiresAt }) => toMs(expiresAt) - toMs(at) <= (policy.renewal.documentExpiryNoticeMs ?? 0))
        .map(({ stepId }) => ({ stepId, reasonCode: DOCUMENT_EXPIRED, renewalDeadline: null })),
      deadline,
      exceededHeardAt: null,
    },
  };
}

/** The reason that IDWise gives for it (contract §6). */
const DOCUMENT_EXPIRED = 'DOCUMENT_EXPIRED';

function documentNoticeAt(journey: JourneyFacts, { renewal }: Policy): Instant | null {
  const first = expiringDocuments(journey)[0];
  return first === undefined || renewal.documentExpiryNoticeMs === null
    ? null
    : later(first.expiresAt, -renewal.documentExpiryNoticeMs);
}

/** The documents that bear a date of expiry, the first to expire first; a day is over at its end, in UTC. */
function expiringDocuments({ snapshot }: JourneyFacts): readonly { stepId: string; expiresAt: Instant }[] {
  return (snapshot?.documents ?? [])
    .flatMap(({ stepId, expiryDate }) => {
      const ms = expiryDate === null ? Number.NaN : Date.parse(`${expiryDate}T00:00:00Z`);
      return Number.isNaN(ms) ? [] : [{ stepId, expiresAt: later(new Date(ms).toISOString(), DAY_MS) }];
    })
    .sort((a, b) => toMs(a.expiresAt) - toMs(b.expiresAt));
}

const DAY_MS = 24 * 60 * 60_000;
