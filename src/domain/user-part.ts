import type { JourneyFacts } from './customer.js';
import { toMs } from './instant.js';
import { isOpen } from './journey.js';

/** How far the user's own part of a journey is. */
export type UserPart = 'open' | 'submitted' | 'cancelled';

/**
 * Takes a journey that IDWise has not decided; returns how far the user is. What a fetch says counts; then IDWise's
 * event; then the app, whose word counts until a later fetch says otherwise. A cancelled journey stays with the user.
 */
export function userPart(journey: JourneyFacts): UserPart {
  const { snapshot, submittedReportedAt, cancelledReportedAt } = journey;
  // A journey that IDWise does not know opens nothing, whoever speaks of it; anybody can name one.
  if (snapshot === null && journey.owedLook?.trouble === 'unknown_journey') return 'open';
  const fetched = snapshot !== null && isOpen(snapshot) ? snapshot.userStepsIn : undefined;
  if (fetched === true || journey.userStepsFinishedAt !== null) return 'submitted';
  if (cancelledReportedAt !== null && isAfter(cancelledReportedAt, submittedReportedAt)) return 'cancelled';
  if (submittedReportedAt === null) return 'open';
  return fetched === false && journey.fetchedSinceSubmission ? 'open' : 'submitted';
}

/** Takes a journey; returns true while the user has done their part of it and IDWise has not decided. */
export function isHandedIn(journey: JourneyFacts): boolean {
  return (journey.snapshot === null || isOpen(journey.snapshot)) && userPart(journey) === 'submitted';
}

function isAfter(a: string | null, b: string | null): boolean {
  return a !== null && (b === null || toMs(a) > toMs(b));
}
