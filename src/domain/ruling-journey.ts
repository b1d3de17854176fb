import type { CustomerFacts, JourneyFacts } from './customer.js';
import { toMs } from './instant.js';
import { type IdentityDigests, isOpen, type JourneySnapshot } from './journey.js';

/**
 * Which journey rules (docs/status.md): the latest by IDWise's start time that has a decision other than `Incomplete`;
 * before there is one, the latest. The journey of a recorded approval counts as decided, also while it is open again.
 *
 * Takes the facts; returns the ruling journey, or null while no journey is known.
 */
export function rulingJourney(facts: CustomerFacts): JourneyFacts | null {
  const journeys = Object.values(facts.journeys).filter(isTheirs).sort(byStart);
  const decided = journeys.filter(
    (journey) =>
      (journey.snapshot !== null && !isOpen(journey.snapshot)) ||
      journey.journeyId === facts.approval?.journeyId,
  );
  return decided.at(-1) ?? journeys.at(-1) ?? null;
}

/**
 * Takes a journey and the facts; returns true when it shows another person than one that began before it, or than it
 * showed itself before its steps were asked for again.
 */
export function isSomeoneElse(journey: JourneyFacts, facts: CustomerFacts): boolean {
  const { snapshot, personBefore } = journey;
  if (snapshot === null) return false;
  const before = earlierSnapshots(facts, journey).map(({ identity }) => identity);
  if (personBefore !== null) before.push(personBefore);
  return before.some((earlier) => isAnotherPerson(earlier, snapshot.identity));
}

/** Takes a journey and the facts; returns true when a human rejected one that began before it. */
export function wasRejectedBefore(journey: JourneyFacts, facts: CustomerFacts): boolean {
  return earlierSnapshots(facts, journey).some((earlier) => earlier.manualDecision === 'Rejected');
}

function earlierSnapshots(facts: CustomerFacts, journey: JourneyFacts): readonly JourneySnapshot[] {
  return Object.values(facts.journeys).flatMap((other) =>
    other.snapshot !== null && other.journeyId !== journey.journeyId && byStart(other, journey) < 0
      ? [other.snapshot]
      : [],
  );
}

/**
 * Takes the digests of an earlier and of a later journey; returns true when they belong to different persons: birth
 * date, personal number or normalised name differ, or the number of the same unexpired document (same expiry) does.
 * What one of them lacks is not compared.
 */
export function isAnotherPerson(earlier: IdentityDigests, later: IdentityDigests): boolean {
  const differ = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
  return (
    differ(earlier.birthDate, later.birthDate) ||
    differ(earlier.personalNumber, later.personalNumber) ||
    differ(earlier.fullName, later.fullName) ||
    (earlier.documentExpiry !== null &&
      earlier.documentExpiry === later.documentExpiry &&
      differ(earlier.documentNumber, later.documentNumber))
  );
}

/**
 * Takes a journey; returns true when it counts as the customer's: a fetch has shown that it bears their reference
 * number. Before that the word of their own app counts, until a fetch shows another reference number; an event, which
 * may name any two together, only says where to look.
 */
export function isTheirs(journey: JourneyFacts): boolean {
  if (journey.snapshot !== null) return true;
  const appNamedIt =
    journey.startReportedAt !== null ||
    journey.submittedReportedAt !== null ||
    journey.cancelledReportedAt !== null;
  return appNamedIt && journey.owedLook?.trouble !== 'not_ours';
}

function byStart(a: JourneyFacts, b: JourneyFacts): number {
  return toMs(startOf(a)) - toMs(startOf(b)) || (a.journeyId < b.journeyId ? -1 : 1);
}

function startOf(journey: JourneyFacts): string {
  return journey.snapshot?.startTime ?? journey.startReportedAt ?? journey.firstSeenAt;
}
