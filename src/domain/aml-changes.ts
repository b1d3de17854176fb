import {
  type AmlFacts,
  type CustomerFacts,
  type JourneyFacts,
  knownJourney,
  withJourney,
} from './customer.js';
import { type Instant, toMs } from './instant.js';
import type { JourneySnapshot } from './journey.js';
import { oweLook } from './owed-look.js';
import { pauseAfter } from './trouble.js';

/** A change of AML matches that compliance must be told of; `to` equals `from` where IDWise gave no version. */
export interface AmlChange {
  readonly journeyId: string;
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly openMatches: number;
  readonly digest: string | null;
  readonly showing: AmlShowing;
}

/**
 * Whether it can be said what a change is. `shown`: the fetched matches show it. `lagging`: they may not yet. `caught_up`:
 * they, or IDWise's history, now show what an earlier change could not; it is no further change.
 */
export type AmlShowing = 'shown' | 'lagging' | 'caught_up';

/** What one attempt to read AML versions brought: `highest` is the highest version stored so far. */
export type AmlVersionsOutcome =
  | {
      readonly kind: 'stored';
      readonly highest: number;
      readonly complete: boolean;
      /** A pause that IDWise asks for before the rest. */
      readonly retryAfterMs?: number | null;
    }
  | {
      readonly kind: 'trouble';
      /** What kind of trouble, and its code where it has one: `unavailable:http_503`. */
      readonly code: string;
      /** A pause that IDWise asks for. */
      readonly retryAfterMs?: number | null;
    };

/**
 * The version of a change that was told without one reaches us within IDWise's retries (contract §2) and our own
 * outage of some minutes; what comes later is another change.
 */
const VERSION_LAGS_AT_MOST_MS = 60 * 60_000;

/** Takes a journey; returns true when its matches are others than those that compliance was told of. */
export function amlIsUnexplained({ aml, snapshot }: JourneyFacts): boolean {
  return aml.digest !== null && (readyDigest(snapshot) ?? aml.digest) !== aml.digest;
}

/**
 * Takes a journey; returns which versions are to be read: up to the last one that was heard of, and then, or where
 * matches have no version that explains them, as far as there are any (`to` null): a lost event has left its version.
 */
export function versionsToRead(journey: JourneyFacts): { readonly from: number; readonly to: number | null } {
  const { heardVersion, storedVersion } = journey.aml;
  const isKnownLast = heardVersion > storedVersion && !amlIsUnexplained(journey);
  return { from: storedVersion + 1, to: isKnownLast ? heardVersion : null };
}

/**
 * One change of AML is told once, whichever of its two events, or none, brought us here: by version where a higher one
 * was named, by the digest of the matches otherwise; what the digest alone shows is looked up in the history first.
 *
 * Takes a journey's AML facts, the fetched journey, the time and whether an import brought the journey along; returns the
 * AML facts with it and the change to tell.
 */
export function amlAfterLook(
  aml: AmlFacts,
  snapshot: JourneySnapshot,
  at: Instant,
  isBroughtAlong: boolean,
): { aml: AmlFacts; change: AmlChange | null } {
  const digest = readyDigest(snapshot) ?? aml.digest;
  const isFirst = aml.digest === null && digest !== null;
  const digestChanged = !isFirst && digest !== aml.digest;
  const isBeginning = isFirst || aml.beginsUnknown === true;
  const begun = isBeginning && aml.heardVersion > 0 ? beginningAfter(aml, aml.heardVersion - 1) : aml;
  const accounted = withLaggingVersion(begun, aml.heardVersion, at);

  if (aml.heardVersion > accounted.version) {
    const gap = aml.heardVersion - accounted.version;
    const isShown = (snapshot.aml?.version ?? 0) >= aml.heardVersion;
    const mayLag = isFirst || !digestChanged || aml.digestLags || gap > 1;
    const digestLags = mayLag && !isShown;
    const version = aml.heardVersion;
    const told = { ...accounted, version, digest, digestLags, owed: oweLook(null, at, null) };
    const looked = { journeyId: snapshot.journeyId, snapshot };
    const showing = digestLags ? 'lagging' : 'shown';
    return { aml: told, change: amlChange(looked, accounted.version, version, digest, showing) };
  }
  if (isFirst) {
    const version = Math.max(accounted.version, snapshot.aml?.version ?? 0);
    const first = { ...accounted, digest, version };
    const isUnknown = isBroughtAlong && version === 0;
    return { aml: isUnknown ? { ...first, beginsUnknown: true } : first, change: null };
  }
  const isToBeRead = digestChanged || accounted !== begun;
  const owed = isToBeRead ? (aml.owed ?? oweLook(null, at, null)) : aml.owed;
  return { aml: { ...accounted, owed }, change: null };
}

/**
 * Takes the facts, what reading the history brought, the time, and whether it was the last attempt; returns the facts
 * with it, and the change to tell: versions that no event named, matches that no version explains, or what a change that
 * was told before is, now that the history or the journey shows it.
 */
export function recordAmlVersions(
  facts: CustomerFacts,
  journeyId: string,
  outcome: AmlVersionsOutcome,
  at: Instant,
  isLast: boolean,
): { facts: CustomerFacts; amlChange: AmlChange | null } {
  const journey = knownJourney(facts, journeyId);
  if (journey === undefined || journey.aml.owed === null) return { facts, amlChange: null };
  const { snapshot } = journey;
  const { owed } = journey.aml;
  const highest = outcome.kind === 'stored' ? outcome.highest : 0;
  const storedVersion = Math.max(journey.aml.storedVersion, highest);
  const isUnexplained = amlIsUnexplained(journey);
  const isWhole = isLast || (outcome.kind === 'stored' && outcome.complete);
  const isBeginning = journey.aml.beginsUnknown === true && isWhole;
  // Matches that have changed since the first look are the last version; as long as they are the same, none is news.
  const begun = isBeginning
    ? beginningAfter(journey.aml, isUnexplained ? storedVersion - 1 : storedVersion)
    : journey.aml;
  const aml = { ...withLaggingVersion(begun, storedVersion, at), storedVersion };
  const allStored = storedVersion >= aml.heardVersion;
  const isRead = outcome.kind === 'stored' && outcome.complete && allStored;
  const isDone = isRead && versionsToRead(journey).to === null;
  const trouble = outcome.kind === 'trouble' ? outcome.code : null;
  const tried = isRead
    ? oweLook(null, at, null)
    : {
        ...owed,
        attempts: owed.attempts + 1,
        lastAttemptAt: at,
        trouble,
        notBefore: pauseAfter(outcome, at),
      };
  const put = (next: Partial<AmlFacts>, change: AmlChange | null) => ({
    facts: withJourney(facts, journeyId, at, (old) => ({
      ...old,
      aml: { ...aml, owed: isDone || isLast ? null : tried, ...next },
    })),
    amlChange: change,
  });

  const digest = readyDigest(snapshot) ?? aml.digest;
  if (aml.beginsUnknown === true) return put({}, null);
  if (storedVersion > aml.version) {
    const isShown = (snapshot?.aml?.version ?? 0) >= storedVersion;
    const mayLag = !isUnexplained || aml.digestLags || storedVersion - aml.version > 1;
    const digestLags = mayLag && !isShown;
    return put(
      { version: storedVersion, digest, digestLags },
      amlChange(journey, aml.version, storedVersion, digest, digestLags ? 'lagging' : 'shown'),
    );
  }
  const sameVersion = (showing: AmlShowing) => amlChange(journey, aml.version, aml.version, digest, showing);
  // The history may tell what the journey does not show yet, or never will: a match that came and went.
  if (!isUnexplained) return put({}, isDone && aml.digestLags ? sameVersion('caught_up') : null);
  if (!(isDone || isLast)) return put({}, null);
  // What is told now need not wait for the versions that are still to be stored.
  const stillOwed = allStored ? {} : { owed: tried };
  // Told by its version before the matches showed it.
  if (aml.digestLags) return put({ digest, digestLags: false, ...stillOwed }, sameVersion('caught_up'));
  return put({ digest, toldWithoutVersionAt: at, ...stillOwed }, sameVersion('shown'));
}

/**
 * A journey that we come to know late has versions from before our time. What they told is in the first result, or has
 * gone again; it is no news, and a match that went years ago must hold nobody.
 */
function beginningAfter({ beginsUnknown: _known, ...aml }: AmlFacts, version: number): AmlFacts {
  return { ...aml, version: Math.max(aml.version, version) };
}

/** A version that follows a change which was told without one is the version of that change. */
function withLaggingVersion(aml: AmlFacts, knownVersion: number, at: Instant): AmlFacts {
  if (knownVersion <= aml.version || aml.toldWithoutVersionAt === null) return aml;
  const lags = toMs(at) - toMs(aml.toldWithoutVersionAt) <= VERSION_LAGS_AT_MOST_MS;
  return { ...aml, toldWithoutVersionAt: null, version: lags ? aml.version + 1 : aml.version };
}

/** While AML is searched anew its matches say nothing. */
function readyDigest(snapshot: JourneySnapshot | null): string | null {
  const aml = snapshot?.aml ?? null;
  return aml === null || aml.applicability === 'Not Ready Yet' ? null : aml.digest;
}

function amlChange(
  { journeyId, snapshot }: Pick<JourneyFacts, 'journeyId' | 'snapshot'>,
  fromVersion: number,
  toVersion: number,
  digest: string | null,
  showing: AmlShowing,
): AmlChange {
  const openMatches = snapshot?.aml?.openMatches ?? 0;
  return { journeyId, fromVersion, toVersion, openMatches, digest, showing };
}

/** Takes a change to tell; returns its effect. What catches up is no further change, and counts as none. */
export function amlEffect(change: AmlChange): {
  readonly kind: 'aml_changed' | 'aml_shown';
  readonly change: AmlChange;
} {
  return { kind: change.showing === 'caught_up' ? 'aml_shown' : 'aml_changed', change };
}
