import type { CustomerFacts, JourneyFacts } from './customer.js';
import { type Instant, later, toMs } from './instant.js';
import { isOpen, type JourneySnapshot } from './journey.js';
import type { Policy, Status } from './policy.js';
import { rulingJourney } from './ruling-journey.js';

/** What a journey at IDWise may show that our record does not. */
export const DIFFERENCES = [
  /** The journey has never been fetched: an app or an event named it, and no look has brought it. */
  'never_fetched',
  'system_decision',
  'manual_decision',
  'steps',
  'result',
  'rules',
  'government_face',
  'identity',
  'flow',
  /** The AML part as the journey shows it: its matches, or whether it is applicable. */
  'aml',
  /** A version of the AML matches that nobody told us of, also where a later one has taken it back. */
  'aml_version',
] as const;
export type Difference = (typeof DIFFERENCES)[number];

/** Nothing is expected of these for the time being: a change would be news. */
const SETTLED: ReadonlySet<Status> = new Set(['approved', 'rejected', 'expired', 'suspended']);

/**
 * The longer nothing has happened, the less it hurts to learn of the next thing a little later: what changes after a
 * silence is found within a twentieth of that silence. Somebody who walked away thus costs some hundred calls in a
 * month, not thousands.
 */
const SILENCE_PER_GAP = 20;
/** Records that came due together, after an outage say, come due apart the next time: within a tenth either way. */
const SPREAD = 0.2;
/** So long a journey that no fetch has shown is asked for; anybody can name one. */
const UNSEEN_JOURNEY_MS = 7 * 24 * 60 * 60_000;
const NO_AML_MONITORING: ReadonlySet<string> = new Set(['Not Ready Yet', 'Skipped', 'Disabled']);

/** When a record is compared with IDWise again, and by which of the two sweeps. */
export interface NextCheck {
  readonly settled: boolean;
  /** Null where there is nothing to compare: no journey is known, or the customer is gone. */
  readonly at: Instant | null;
}

/**
 * Takes the facts, the status, the policy, the time, and how long nothing has happened to the record in milliseconds;
 * returns when it is compared next.
 */
export function nextCheck(
  facts: CustomerFacts,
  status: Status,
  { reconciliation }: Policy,
  at: Instant,
  quietMs: number,
): NextCheck {
  const settled = isSettled(facts, status);
  if (facts.closedAt !== null || Object.keys(facts.journeys).length === 0) return { settled, at: null };
  const { unsettledEveryMs, settledEveryMs } = reconciliation;
  const gapMs = settled
    ? settledEveryMs
    : Math.max(unsettledEveryMs, Math.min(settledEveryMs, quietMs / SILENCE_PER_GAP));
  return { settled, at: later(at, Math.round(gapMs * spread(facts.referenceNo))) };
}

/**
 * Takes the facts and the status; returns true when nothing is under way: the customer is decided, or gave up, and
 * neither a renewal nor a later journey is open.
 */
export function isSettled(facts: CustomerFacts, status: Status): boolean {
  if (!SETTLED.has(status)) return false;
  if (status === 'expired') return true;
  return !Object.values(facts.journeys).some(
    (journey) => journey.renewal !== null || isUnderWay(journey, rulingJourney(facts)),
  );
}

/**
 * Takes the facts, the status and the time; returns the ids of the journeys that are worth a call: all that a fetch has
 * shown or that were named lately; of a settled customer the ruling one, what is under way, and what IDWise monitors.
 */
export function journeysToCompare(facts: CustomerFacts, status: Status, now: Instant): readonly string[] {
  if (facts.closedAt !== null) return [];
  const ruling = rulingJourney(facts);
  const settled = isSettled(facts, status);
  return Object.values(facts.journeys)
    .filter(
      ({ snapshot, firstSeenAt }) => snapshot !== null || toMs(now) - toMs(firstSeenAt) < UNSEEN_JOURNEY_MS,
    )
    .filter(
      (journey) =>
        !settled ||
        journey.journeyId === ruling?.journeyId ||
        isUnderWay(journey, ruling) ||
        (journey.snapshot !== null && isMonitored(journey.snapshot)),
    )
    .map(({ journeyId }) => journeyId);
}

/** A journey that is open, and no older than the one that rules. */
function isUnderWay(journey: JourneyFacts, ruling: JourneyFacts | null): boolean {
  const isUndecided = journey.snapshot === null || isOpen(journey.snapshot);
  return isUndecided && (ruling === null || toMs(startOf(journey)) >= toMs(startOf(ruling)));
}

function startOf({ snapshot, startReportedAt, firstSeenAt }: JourneyFacts): Instant {
  return snapshot?.startTime ?? startReportedAt ?? firstSeenAt;
}

/**
 * Takes what we know of a journey and the journey as fetched; returns in what they differ, by outcomes and digests. What
 * bears on no decision and on no verified detail (when monitoring last ran, say) is no difference: it changes by itself.
 */
export function differences(
  { snapshot: known }: JourneyFacts,
  fetched: JourneySnapshot,
): readonly Difference[] {
  if (known === null) return ['never_fetched'];
  const isDifferent: Readonly<Record<Exclude<Difference, 'never_fetched' | 'aml_version'>, boolean>> = {
    system_decision: known.systemDecision !== fetched.systemDecision,
    manual_decision: known.manualDecision !== fetched.manualDecision,
    steps: known.stepsDigest !== fetched.stepsDigest,
    result: known.resultDigest !== fetched.resultDigest,
    rules: !haveSameMembers(known.rules, fetched.rules),
    government_face: known.governmentFaceMatched !== fetched.governmentFaceMatched,
    identity: !haveSameMembers({ ...known.identity }, { ...fetched.identity }),
    flow: known.flowId !== fetched.flowId,
    aml: known.aml?.digest !== fetched.aml?.digest || known.aml?.applicability !== fetched.aml?.applicability,
  };
  return DIFFERENCES.filter((name) => name in isDifferent && isDifferent[name as keyof typeof isDifferent]);
}

/**
 * Takes a journey; returns the highest AML version that was heard of and never read, because reading was given up; null
 * where there is none, or where it is still being read.
 */
export function unreadAmlVersion({ aml }: JourneyFacts): number | null {
  return aml.owed === null && aml.heardVersion > aml.storedVersion ? aml.heardVersion : null;
}

/**
 * Takes what we know of a journey and the journey as fetched; returns the AML version to ask IDWise for, the one after
 * the highest that is known, or null where IDWise monitors nobody. Only the history tells of a match that came and went
 * again: the journey looks as it did before.
 */
export function amlVersionToAskFor({ aml }: JourneyFacts, fetched: JourneySnapshot): number | null {
  return isMonitored(fetched) ? Math.max(aml.version, aml.heardVersion, aml.storedVersion) + 1 : null;
}

/** `applicability` is an open set: what we do not know may well be monitored. */
function isMonitored(snapshot: JourneySnapshot): boolean {
  const { aml } = snapshot;
  return aml !== null && !isOpen(snapshot) && !NO_AML_MONITORING.has(aml.applicability ?? '');
}

function haveSameMembers(
  a: Readonly<Record<string, string | null>>,
  b: Readonly<Record<string, string | null>>,
): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => (a[name] ?? null) === (b[name] ?? null));
}

/** A factor about 1 that is always the same for one customer: FNV-1a over the reference number. */
function spread(referenceNo: string): number {
  let hash = 0x811c9dc5;
  for (const character of referenceNo) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return 1 - SPREAD / 2 + SPREAD * (hash / 0x1_0000_0000);
}
