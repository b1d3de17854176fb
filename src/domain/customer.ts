import type { ComplianceHold, HoldRevisions } from './compliance-hold.js';
import type { RequiredStep } from './idwise-event.js';
import type { Instant } from './instant.js';
import type { IdentityDigests, JourneySnapshot } from './journey.js';

/**
 * All that is known of one customer's verification, as far as it bears on a decision. It is stored with the profile
 * and is the whole input, with policy and clock, of the status. No personal data stands here.
 */
export interface CustomerFacts {
  readonly schema: 3;
  readonly referenceNo: string;
  readonly registeredAt: Instant;
  readonly journeys: Readonly<Record<string, JourneyFacts>>;
  /** The approval that we last recorded, until another outcome takes its place. */
  readonly approval: Approval | null;
  /** What we ourselves lay on the profile; each ends only by its own cause. */
  readonly holds: readonly Hold[];
  /** Which cases the hold `compliance` is of. */
  readonly complianceHolds: readonly ComplianceHold[];
  /** How new the last word of each case on its hold is, also of one that holds no more. */
  readonly holdRevisions: Readonly<Record<string, HoldRevisions>>;
  /** Since when the customer is off-boarded; null while they are not. */
  readonly closedAt: Instant | null;
  /** When the customer was last taken back; what waits for them counts from here. */
  readonly reopenedAt: Instant | null;
  /** How often the customer has been reminded of what they are at now, and when last. */
  readonly reminded: { readonly matter: string; readonly count: number; readonly lastAt: Instant } | null;
  /** Of a customer whom nothing but an import has told of (`imported.ts`); absent of everybody else. */
  readonly imported?: ImportedFacts | null;
}

export interface ImportedFacts {
  /** Journeys that an import named and no fetch has shown yet. */
  readonly awaited: readonly string[];
}

export type Hold = 'renewal' | 'compliance';

export interface Approval {
  readonly journeyId: string;
  readonly at: Instant;
  readonly by: 'system' | 'manual';
  /** Checks other than AML's that were already failing when it was approved (by hand): these have not "worsened". */
  readonly failedChecks: readonly string[];
  /** The steps that it was given for: what a human forgave, they did not forgive of newer ones. */
  readonly stepsDigest: string;
  readonly amlDigest: string | null;
  /** Highest AML version that we had heard of when it was approved. */
  readonly amlVersion: number;
}

export interface JourneyFacts {
  readonly journeyId: string;
  readonly firstSeenAt: Instant;
  /** What the app reported. */
  readonly startReportedAt: Instant | null;
  readonly submittedReportedAt: Instant | null;
  /** The journey has been fetched since the app reported that all is submitted. */
  readonly fetchedSinceSubmission: boolean;
  readonly cancelledReportedAt: Instant | null;
  /** What IDWise's events reported. */
  readonly userStepsFinishedAt: Instant | null;
  /** The first such event; another one is about newer steps. */
  readonly userStepsEventId: string | null;
  readonly finishedHeardAt: Instant | null;
  readonly lastStepAt: Instant | null;
  /** A manual decision that a body mentioned and a fetch has not confirmed yet. */
  readonly heardManualDecision: { readonly value: string; readonly at: Instant } | null;
  /** Steps to redo, from the body of an event alone (contract §1.3 F). */
  readonly requiredSteps: readonly RequiredStep[];
  /** Event ids of the latest requests to resubmit, so that a replayed one is known. */
  readonly requestIds: readonly string[];
  /** A request to resubmit was heard before a fetch showed it: the next fetch that shows one shows this one. */
  readonly requestHeardEarly: boolean;
  /** How often steps of this journey have been asked for again: once for each of the user's submissions. */
  readonly redoRounds: number;
  /** The submission that was asked for again last, by the digest of its steps. */
  readonly askedAgainOver: string | null;
  /** Who the journey showed when its steps were asked for again, or approved: newer steps must show the same person. */
  readonly personBefore: IdentityDigests | null;
  /** A renewal that is asked for and not done yet. */
  readonly renewal: RenewalFacts | null;
  /** The steps that were last found approved, and their latest result. */
  readonly approvedResult: ApprovedResult | null;
  readonly snapshot: JourneySnapshot | null;
  readonly snapshotAt: Instant | null;
  /** Since when the snapshot has been `Complete` with its AML part `Not Ready Yet`. */
  readonly amlPendingSince: Instant | null;
  readonly verdict: Verdict | null;
  readonly owedLook: OwedLook | null;
  readonly lastLookAt: Instant | null;
  /** An awaited result was looked for too long; the next event takes the matter up again. */
  readonly resultGivenUpAt: Instant | null;
  /** When an event took up a matter that had been given up: from then on its time runs again. */
  readonly resultTakenUpAt: Instant | null;
  readonly customStep: CustomStepFacts | null;
  readonly completion: CompletionFacts | null;
  /** Matches that a case wants whitelisted at IDWise; null while none are. */
  readonly whitelisting: WhitelistingFacts | null;
  readonly aml: AmlFacts;
  /** How far the storing of its images is; absent where none was ever to be stored. */
  readonly images?: ImagesFacts | null;
}

export interface ApprovedResult {
  readonly stepsDigest: string;
  readonly resultDigest: string;
  readonly endTime: Instant | null;
  /** The system's and the manual one. */
  readonly decisions: string;
  /** Another result of the journey, over other steps, had been approved before it. */
  readonly isOverNewSteps: boolean;
}

/** Steps of an approved journey that must be done anew by a deadline (contract §6). */
export interface RenewalFacts {
  readonly by: 'idwise' | 'document_expiry';
  readonly askedAt: Instant;
  readonly steps: readonly RequiredStep[];
  /** The deadline where one was named; else the policy's grace period counts from `askedAt`. */
  readonly deadline: Instant | null;
  /** When IDWise said that the deadline has passed. */
  readonly exceededHeardAt: Instant | null;
  /** Since when an event or the app says that the renewed steps are in; it counts once a fetch shows other steps. */
  readonly stepsInAt: Instant | null;
  /** When the customer was told of it; null as long as there is nothing for them to do about it. */
  readonly toldAt: Instant | null;
}

/** A human's decision, or a failed capture rule, with the steps and the result that it was passed on. */
export interface Verdict {
  readonly decision: 'Approved' | 'Rejected' | 'Resubmission Requested' | 'capture_failed';
  readonly seenAt: Instant;
  readonly stepsDigest: string;
  /** The latest result of these steps, and the end time that it bore. */
  readonly resultDigest: string;
  readonly endTime: Instant | null;
  /** A `Verification Update Required` has been heard for it; a further one is a further request. */
  readonly requestHeard: boolean;
  /** Since when an event or the app says that newer steps are in; it counts once a fetch shows other steps. */
  readonly newerStepsAt: Instant | null;
}

/** A look at IDWise that has been caused and not yet brought an answer. */
export interface OwedLook {
  readonly since: Instant;
  /** Attempts since the last cause; a fresh cause makes it due at once. */
  readonly attempts: number;
  readonly lastAttemptAt: Instant | null;
  /** Why the last attempt brought nothing; null before the first. */
  readonly trouble: string | null;
  /** A pause that the other side asked for, or that its refusal makes sensible. */
  readonly notBefore: Instant | null;
  /** Inbox rows that wait for this look. */
  readonly causes: readonly string[];
}

/** The comparison with the government's photo: wait for the user's steps, send the photo, close the step. */
export interface CustomStepFacts {
  readonly since: Instant;
  readonly stepsConcludedAt: Instant | null;
  readonly face: 'wanted' | 'sent' | 'none' | 'given_up';
  readonly completedAt: Instant | null;
  readonly lastAttemptAt: Instant | null;
  /** A pause that was asked for, or that a refusal makes sensible; absent where an earlier release wrote it. */
  readonly notBefore?: Instant | null;
  readonly trouble: string | null;
  readonly doubt: Doubt;
}

/**
 * Whether a call to IDWise may have been carried out though we have no answer. In doubt the journey is read (`read`)
 * before anything is sent again.
 */
export type Doubt = 'none' | 'unread' | 'read';

/** A wish to close a journey at IDWise with what is there. */
export interface CompletionFacts {
  readonly requestedAt: Instant;
  /** Who asked: a credential's name, or `policy`. */
  readonly actor: string;
  readonly reason: string;
  readonly state: 'wanted' | 'done' | 'given_up';
  readonly lastAttemptAt: Instant | null;
  readonly notBefore?: Instant | null;
  readonly trouble: string | null;
  readonly doubt: Doubt;
}

/** A wish to whitelist matches at IDWise; they are named opaquely, and looked up when it is done. */
export interface WhitelistingFacts {
  readonly caseId: string;
  readonly matches: readonly string[];
  readonly since: Instant;
  readonly lastAttemptAt: Instant | null;
  readonly notBefore?: Instant | null;
  readonly trouble: string | null;
}

/** Images of a finished journey that the policy has us store. */
export interface ImagesFacts {
  /** Which ones: another name is another matter (`images.ts`). */
  readonly wanted: string;
  /** `given_up` after too long, until something new is heard; `unstorable` where no further attempt can help. */
  readonly state: 'owed' | 'stored' | 'given_up' | 'unstorable';
  readonly since: Instant;
  readonly lastAttemptAt: Instant;
  /** Why the last attempt did not bring all; null where it did, or where there are simply more of them. */
  readonly trouble: string | null;
  readonly notBefore: Instant | null;
}

export interface AmlFacts {
  /** Highest version that we have told compliance of, or that the first result bore. */
  readonly version: number;
  /** Highest version that an event named. */
  readonly heardVersion: number;
  /** Highest version whose matches are stored. */
  readonly storedVersion: number;
  /** Digest of the matches that compliance knows of, or of the first result; null before the AML part was ready. */
  readonly digest: string | null;
  /** Compliance was told by version, and the matches may not have shown it yet: their next change may belong to it. */
  readonly digestLags: boolean;
  /** When compliance was told by the matches because no version was to be had: the next version belongs to that. */
  readonly toldWithoutVersionAt: Instant | null;
  /** Versions that are still to be read and stored, or a digest that no version explains yet. */
  readonly owed: OwedLook | null;
  /** Of a journey that an import brought along: nobody knows yet how many versions there were before our time. */
  readonly beginsUnknown?: true;
}

/** Takes a reference number and the time; returns a customer of whom nothing else is known. */
export function newCustomer(referenceNo: string, at: Instant): CustomerFacts {
  return {
    schema: 3,
    referenceNo,
    registeredAt: at,
    journeys: {},
    approval: null,
    holds: [],
    complianceHolds: [],
    holdRevisions: {},
    closedAt: null,
    reopenedAt: null,
    reminded: null,
  };
}

/** Takes a journey id and the time; returns a journey of which nothing else is known. */
export function newJourney(journeyId: string, at: Instant): JourneyFacts {
  return {
    journeyId,
    firstSeenAt: at,
    startReportedAt: null,
    submittedReportedAt: null,
    fetchedSinceSubmission: false,
    cancelledReportedAt: null,
    userStepsFinishedAt: null,
    userStepsEventId: null,
    finishedHeardAt: null,
    lastStepAt: null,
    heardManualDecision: null,
    requiredSteps: [],
    requestIds: [],
    requestHeardEarly: false,
    redoRounds: 0,
    askedAgainOver: null,
    personBefore: null,
    renewal: null,
    approvedResult: null,
    snapshot: null,
    snapshotAt: null,
    amlPendingSince: null,
    verdict: null,
    owedLook: null,
    lastLookAt: null,
    resultGivenUpAt: null,
    resultTakenUpAt: null,
    customStep: null,
    completion: null,
    whitelisting: null,
    aml: {
      version: 0,
      heardVersion: 0,
      storedVersion: 0,
      digest: null,
      digestLags: false,
      toldWithoutVersionAt: null,
      owed: null,
    },
  };
}

/** Takes facts and a journey id, which may be any text (`constructor`, say); returns that journey if it is known. */
export function knownJourney<Journey>(
  facts: { readonly journeys: Readonly<Record<string, Journey>> },
  journeyId: string,
): Journey | undefined {
  return Object.hasOwn(facts.journeys, journeyId) ? facts.journeys[journeyId] : undefined;
}

/** Takes facts, a journey id and a change; returns the facts with that journey (made if need be) changed. */
export function withJourney(
  facts: CustomerFacts,
  journeyId: string,
  at: Instant,
  change: (journey: JourneyFacts) => JourneyFacts,
): CustomerFacts {
  const journey = knownJourney(facts, journeyId) ?? newJourney(journeyId, at);
  return { ...facts, journeys: { ...facts.journeys, [journeyId]: change(journey) } };
}
