import {
  type AmlFacts,
  type CustomerFacts,
  type JourneyFacts,
  knownJourney,
  type Verdict,
  withJourney,
} from './customer.js';
import { type Instant, later } from './instant.js';
import { isAmlNotReady, isOpen, type JourneySnapshot, type LookOutcome } from './journey.js';
import { resolveDoubts } from './journey-calls.js';
import { oweLook } from './owed-look.js';
import type { DecisionContext } from './policy.js';
import { overridingDecision } from './verdict.js';

/** A change of AML matches that compliance must be told of; `to` equals `from` where IDWise gave no version. */
export interface AmlChange {
  readonly journeyId: string;
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly openMatches: number;
  readonly digest: string | null;
}

export interface Looked {
  readonly facts: CustomerFacts;
  /** Inbox rows whose look is done. */
  readonly settledCauses: readonly string[];
  readonly amlChange: AmlChange | null;
}

/** Credentials do not mend themselves within seconds; asking again sooner only fills IDWise's log. */
const REFUSED_PAUSE_MS = 5 * 60_000;
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;

/**
 * Takes the facts and what a look at a journey brought; returns the facts with it. Only a journey that IDWise gave,
 * that could be read and that bears our reference number changes anything but the list of what is owed.
 */
export function recordLook(
  facts: CustomerFacts,
  journeyId: string,
  outcome: LookOutcome,
  at: Instant,
  context: DecisionContext,
): Looked {
  if (outcome.kind !== 'journey') {
    return {
      facts: withJourney(facts, journeyId, at, (journey) => fruitless(journey, outcome, at)),
      settledCauses: [],
      amlChange: null,
    };
  }
  const before = knownJourney(facts, journeyId);
  const found = withJourney(facts, journeyId, at, (journey) =>
    resolveDoubts(withSnapshot(journey, outcome.snapshot, at, context)),
  );
  const aml = amlAfterLook(journeyId, knownJourney(found, journeyId)?.aml ?? null, outcome.snapshot, at);
  return {
    facts:
      aml === null ? found : withJourney(found, journeyId, at, (journey) => ({ ...journey, aml: aml.aml })),
    settledCauses: before?.owedLook?.causes ?? [],
    amlChange: aml?.change ?? null,
  };
}

function fruitless(
  journey: JourneyFacts,
  outcome: Exclude<LookOutcome, { kind: 'journey' }>,
  at: Instant,
): JourneyFacts {
  const owed = journey.owedLook ?? oweLook(null, at, null);
  const pauseMs =
    outcome.kind === 'refused'
      ? REFUSED_PAUSE_MS
      : outcome.kind === 'unavailable'
        ? Math.min(outcome.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS)
        : 0;
  return {
    ...journey,
    lastLookAt: at,
    owedLook: {
      ...owed,
      attempts: owed.attempts + 1,
      lastAttemptAt: at,
      trouble: 'code' in outcome ? `${outcome.kind}:${outcome.code}` : outcome.kind,
      notBefore: pauseMs > 0 ? later(at, pauseMs) : null,
    },
  };
}

function withSnapshot(
  journey: JourneyFacts,
  snapshot: JourneySnapshot,
  at: Instant,
  context: DecisionContext,
): JourneyFacts {
  const verdict = verdictAfter(journey, snapshot, at, context);
  const isUnheardRequest =
    verdict !== journey.verdict &&
    verdict?.decision === 'Resubmission Requested' &&
    !journey.requestHeardEarly;
  const isNews = journey.snapshot?.answerDigest !== snapshot.answerDigest;
  return {
    ...journey,
    snapshot,
    snapshotAt: at,
    lastLookAt: at,
    owedLook: null,
    ...(isNews && journey.resultGivenUpAt !== null ? { resultGivenUpAt: null, resultTakenUpAt: at } : {}),
    amlPendingSince: isAmlNotReady(snapshot) ? (journey.amlPendingSince ?? at) : null,
    heardManualDecision:
      journey.heardManualDecision?.value === snapshot.manualDecision ? null : journey.heardManualDecision,
    finishedHeardAt: isOpen(snapshot) ? journey.finishedHeardAt : null,
    requestHeardEarly: verdict?.decision === 'Resubmission Requested' ? false : journey.requestHeardEarly,
    // Steps that an earlier request named are not those of this one.
    requiredSteps: isUnheardRequest ? [] : journey.requiredSteps,
    verdict,
  };
}

/**
 * A verdict is kept with the result that it was passed on, so that a later look can tell whether newer steps are in.
 * The same word again is the same verdict, save a failed capture rule: that is judged anew on each new result.
 */
function verdictAfter(
  journey: JourneyFacts,
  snapshot: JourneySnapshot,
  at: Instant,
  context: DecisionContext,
): Verdict | null {
  const decision = overridingDecision(snapshot, context);
  if (decision === null) return null;
  const known = journey.verdict;
  const sameResult = known?.resultDigest === snapshot.resultDigest;
  const isFurtherRequest = decision === 'Resubmission Requested' && journey.requestHeardEarly;
  const isSame = known?.decision === decision && (decision !== 'capture_failed' || sameResult);
  if (known !== null && isSame && !isFurtherRequest) return known;
  return {
    decision,
    seenAt: at,
    stepsDigest: snapshot.stepsDigest,
    resultDigest: snapshot.resultDigest,
    requestHeard: journey.requestHeardEarly,
    newerStepsAt: null,
  };
}

/**
 * One change of AML is told once, whichever of its two events, or none, brought us here: by version where a higher one
 * was named, by the digest of the matches otherwise.
 */
function amlAfterLook(
  journeyId: string,
  aml: AmlFacts | null,
  snapshot: JourneySnapshot,
  at: Instant,
): { aml: AmlFacts; change: AmlChange | null } | null {
  if (aml === null) return null;
  const ready = snapshot.aml !== null && snapshot.aml.applicability !== 'Not Ready Yet';
  const digest = ready ? (snapshot.aml?.digest ?? null) : aml.digest;
  const isFirst = aml.digest === null && digest !== null;
  const digestChanged = !isFirst && digest !== null && digest !== aml.digest;
  const openMatches = snapshot.aml?.openMatches ?? 0;
  const tell = (toVersion: number, told: Partial<AmlFacts>) => ({
    aml: { ...aml, ...told, version: toVersion, digest, owed: oweLook(null, at, null) },
    change: { journeyId, fromVersion: aml.version, toVersion, openMatches, digest },
  });

  if (aml.heardVersion > aml.version) {
    const alreadyTold = aml.versionLags && !digestChanged;
    const told = tell(aml.heardVersion, {
      digestLags: !digestChanged && !isFirst && !aml.versionLags,
      versionLags: false,
    });
    return alreadyTold ? { ...told, change: null } : told;
  }
  if (isFirst) {
    return {
      aml: { ...aml, digest, version: Math.max(aml.version, snapshot.aml?.version ?? 0) },
      change: null,
    };
  }
  if (!digestChanged) return null;
  if (aml.digestLags) return { aml: { ...aml, digest, digestLags: false }, change: null };
  return { aml: { ...aml, owed: aml.owed ?? oweLook(null, at, null) }, change: null };
}

/** What one attempt to read AML versions brought: `highest` is the highest version stored so far. */
export type AmlVersionsOutcome =
  | { readonly kind: 'stored'; readonly highest: number; readonly complete: boolean }
  | { readonly kind: 'trouble'; readonly code: string };

/**
 * Takes the facts and what reading the history brought; returns the facts with it, and the change to tell where a
 * digest had changed without a version (`Updated Journey` names none).
 */
export function recordAmlVersions(
  facts: CustomerFacts,
  journeyId: string,
  outcome: AmlVersionsOutcome,
  at: Instant,
  giveUp: boolean,
): Looked {
  const journey = knownJourney(facts, journeyId);
  if (journey === undefined || journey.aml.owed === null)
    return { facts, settledCauses: [], amlChange: null };
  const { aml } = journey;
  const owed = journey.aml.owed;
  const digest = journey.snapshot?.aml?.digest ?? aml.digest;
  const highest = outcome.kind === 'stored' ? outcome.highest : aml.storedVersion;
  const done = giveUp || (outcome.kind === 'stored' && outcome.complete);
  const stored = { ...aml, storedVersion: Math.max(aml.storedVersion, highest) };
  const put = (next: AmlFacts, amlChange: AmlChange | null): Looked => ({
    facts: withJourney(facts, journeyId, at, (old) => ({ ...old, aml: next })),
    settledCauses: [],
    amlChange,
  });

  const trouble = outcome.kind === 'trouble' ? outcome.code : null;
  const unexplained = digest !== aml.digest;
  const newVersion = Math.max(aml.version, stored.storedVersion);
  if (unexplained && (newVersion > aml.version || done)) {
    // A history that works and names no newer version proves that the digest belongs to a version already told.
    const known = newVersion === aml.version && outcome.kind === 'stored' && aml.version > 0;
    const change = {
      journeyId,
      fromVersion: aml.version,
      toVersion: newVersion,
      openMatches: journey.snapshot?.aml?.openMatches ?? 0,
      digest,
    };
    const versionLags = newVersion === aml.version && !known;
    return put(
      { ...stored, version: newVersion, digest, versionLags, owed: done ? null : owed },
      known ? null : change,
    );
  }
  return put(
    {
      ...stored,
      owed: done
        ? null
        : { ...owed, attempts: owed.attempts + 1, lastAttemptAt: at, trouble, notBefore: null },
    },
    null,
  );
}
