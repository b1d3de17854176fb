import type { AppReport } from './app-report.js';
import type { CustomerMeasure } from './cases/outcomes.js';
import { type CustomerFacts, type JourneyFacts, withJourney } from './customer.js';
import type { IdwiseEvent } from './idwise-event.js';
import { imagesTakenUp } from './images.js';
import { markImported } from './imported.js';
import { earliest, type Instant, latest, toMs } from './instant.js';
import { newCustomStep } from './journey-calls.js';
import { owedAlsoFor, oweLook } from './owed-look.js';
import { renewalAsked } from './renewal.js';

/**
 * A stored event that somebody has sent on its way once more. What it says is as old as it was, so that it is no new
 * sign of life and changes nothing that is decided; the look that it causes is new.
 */
export interface Replay {
  /** Inbox id of the event that it is a copy of. */
  readonly of: string;
  /** Name of the operator's credential. */
  readonly actor: string;
  readonly reason: string;
}

/** One stored event on its way into the facts: what was said, when it reached us, and the inbox row that it stands in. */
export type Report = { readonly at: Instant; readonly cause: string; readonly replay?: Replay } & (
  | { readonly source: 'app'; readonly report: AppReport }
  | { readonly source: 'idwise'; readonly event: IdwiseEvent }
  /** A reason of our own to look, at one journey or at all: somebody asks for it, or a comparison found a difference. */
  | {
      readonly source: 'operator' | 'reconciliation';
      readonly journeyId: string | null;
      /** A version of the AML matches that a comparison found and no event has named. */
      readonly amlVersion?: number;
      /** The journey stands in a list of customers whom the company brings along. */
      readonly isImport?: true;
    }
  /** What the outcome of a compliance case wants done to the customer. */
  | {
      readonly source: 'case';
      readonly caseId: string;
      /** Which of the case's turns wants it: a later one says what counts. */
      readonly revision: number;
      readonly journeyId: string;
      readonly measure: CustomerMeasure;
    }
);

/** Reports that only say where to look; what a case wants is carried out instead (`case-measures.ts`). */
export type LookReport = Exclude<Report, { readonly source: 'case' }>;

/**
 * What comes to its turn so long after we received it was held up: Temporal was down, say, or no worker was there. What it
 * says is as old as it is; what it asks for is asked for now.
 */
const HELD_UP_AFTER_MS = 15_000;

/**
 * Takes the facts, a report and the time; returns the facts with it. A report never decides anything: it says where to look, that
 * the user's part is done, or adds a duty. Reporting the same thing twice, or late, changes nothing that is decided.
 */
export function recordReport(facts: CustomerFacts, report: LookReport, now: Instant): CustomerFacts {
  return markImported(facts, withReport(facts, report, now), report);
}

function withReport(facts: CustomerFacts, report: LookReport, now: Instant): CustomerFacts {
  const journeyId = journeyOf(report);
  if (journeyId === null) return lookAtAll(facts, report, now);
  const isReplay = report.replay !== undefined;
  const isTakenUp = isReplay || toMs(now) - toMs(report.at) > HELD_UP_AFTER_MS;
  return withJourney(facts, journeyId, report.at, (journey) => {
    const { owedLook } = journey;
    // Whoever holds a customer's token could keep IDWise busy by naming what it does not know, again and again.
    if (report.source === 'app' && !isReplay && owedLook?.trouble === 'unknown_journey')
      return { ...reportedOf(journey, report, now), owedLook: owedAlsoFor(owedLook, report.cause) };
    return lookedForAnew(imagesTakenUp(reportedOf(journey, report, now)), now, report.cause, isTakenUp);
  });
}

/**
 * Takes a journey, the time, the cause, if any, and whether somebody wants it taken up whatever became of it; returns it
 * with a look owed, and what was given up taken up again.
 */
export function lookedForAnew(
  journey: JourneyFacts,
  at: Instant,
  cause: string | null,
  isTakenUp = false,
): JourneyFacts {
  return {
    ...journey,
    resultGivenUpAt: null,
    resultTakenUpAt: isTakenUp || journey.resultGivenUpAt !== null ? at : journey.resultTakenUpAt,
    owedLook: oweLook(journey.owedLook, at, cause),
  };
}

function journeyOf(report: LookReport): string | null {
  switch (report.source) {
    case 'app':
      return report.report.kind === 'registered' ? null : report.report.journeyId;
    case 'idwise':
      return report.event.journeyId;
    default:
      return report.journeyId;
  }
}

function reportedOf(journey: JourneyFacts, report: LookReport, now: Instant): JourneyFacts {
  switch (report.source) {
    case 'app':
      return appReported(journey, report.report, report.at);
    case 'idwise':
      return idwiseReported(journey, report.event, report.at);
    default:
      return amlVersionFound(journey, report.amlVersion ?? 0, now);
  }
}

/** An event without a journey, such as a spot check's, is answered by a look at every journey we know of. */
function lookAtAll(facts: CustomerFacts, report: LookReport, now: Instant): CustomerFacts {
  if (report.source === 'app') return facts;
  return Object.keys(facts.journeys).reduce(
    (all, journeyId) =>
      withJourney(all, journeyId, report.at, (journey) => lookedForAnew(journey, now, report.cause)),
    facts,
  );
}

function appReported(journey: JourneyFacts, report: AppReport, at: Instant): JourneyFacts {
  switch (report.kind) {
    case 'journey_started':
      return {
        ...journey,
        startReportedAt: earliest(at, journey.startReportedAt),
        lastStepAt: latest(at, journey.lastStepAt),
      };
    case 'journey_submitted':
      return userStepsIn(
        {
          ...journey,
          submittedReportedAt: latest(at, journey.submittedReportedAt),
          // What a fetch said after this report, or after a later one, goes on counting.
          fetchedSinceSubmission: isNoNews(journey, at) && journey.fetchedSinceSubmission,
          lastStepAt: latest(at, journey.lastStepAt),
        },
        at,
      );
    case 'journey_cancelled':
      return { ...journey, cancelledReportedAt: latest(at, journey.cancelledReportedAt) };
    case 'registered':
      return journey;
  }
}

function isNoNews({ submittedReportedAt }: JourneyFacts, at: Instant): boolean {
  return submittedReportedAt !== null && toMs(submittedReportedAt) >= toMs(at);
}

function idwiseReported(journey: JourneyFacts, event: IdwiseEvent, at: Instant): JourneyFacts {
  switch (event.kind) {
    case 'finished_step':
      return { ...journey, lastStepAt: latest(at, journey.lastStepAt) };
    case 'finished_user_steps': {
      const heard = {
        ...journey,
        userStepsFinishedAt: earliest(at, journey.userStepsFinishedAt),
        userStepsEventId: journey.userStepsEventId ?? event.eventId,
        lastStepAt: latest(at, journey.lastStepAt),
      };
      // The first one that is heard may be the late word of the first round, whatever the user is at meanwhile.
      const isAnother = journey.userStepsEventId !== null && journey.userStepsEventId !== event.eventId;
      return isAnother ? userStepsIn(heard, at) : withCustomStep(heard, at);
    }
    case 'finished_journey':
      return { ...journey, finishedHeardAt: latest(at, journey.finishedHeardAt) };
    case 'manually_reviewed':
      return heardDecision(journey, event, at);
    case 'updated_journey':
      return event.action === 'Step Update'
        ? userStepsIn({ ...journey, lastStepAt: latest(at, journey.lastStepAt) }, at)
        : heardDecision(journey, event, at);
    case 'aml_monitor_update':
      return heardAmlVersion(journey, event.amlVersion ?? 0);
    case 'verification_update_required':
      return updateRequired(journey, event, at);
    case 'kyc_renewal_deadline_exceeded':
      return renewalRequested(journey, event, at);
    case 'finished_spot_check':
      return journey;
  }
}

/**
 * The user's part is done. For a journey with a verdict, or with steps to renew, this may mean that newer steps are in,
 * or be a late word about the steps before: a fetch must show other steps before it counts.
 */
function userStepsIn(journey: JourneyFacts, at: Instant): JourneyFacts {
  const { verdict, renewal } = journey;
  return {
    ...withCustomStep(journey, at),
    verdict: verdict && { ...verdict, newerStepsAt: verdict.newerStepsAt ?? at },
    renewal: renewal && { ...renewal, stepsInAt: renewal.stepsInAt ?? at },
  };
}

function withCustomStep(journey: JourneyFacts, at: Instant): JourneyFacts {
  return { ...journey, customStep: journey.customStep ?? newCustomStep(at) };
}

function heardAmlVersion(journey: JourneyFacts, version: number): JourneyFacts {
  const heardVersion = Math.max(journey.aml.heardVersion, version);
  return { ...journey, aml: { ...journey.aml, heardVersion } };
}

/**
 * A version that was told but could not be read before its time was up is read now. Of a journey that was brought along
 * it may be one of many from before our time: how many there are says the history, and no version alone is news.
 */
function amlVersionFound(journey: JourneyFacts, version: number, at: Instant): JourneyFacts {
  if (journey.aml.beginsUnknown === true && version > 0) return readsHistory(journey, at);
  const heard = heardAmlVersion(journey, version);
  const isUnread = version > heard.aml.storedVersion && version <= heard.aml.version;
  return isUnread ? readsHistory(heard, at) : heard;
}

function readsHistory(journey: JourneyFacts, at: Instant): JourneyFacts {
  return { ...journey, aml: { ...journey.aml, owed: journey.aml.owed ?? oweLook(null, at, null) } };
}

function heardDecision(journey: JourneyFacts, event: IdwiseEvent, at: Instant): JourneyFacts {
  const isOlder = journey.heardManualDecision !== null && toMs(journey.heardManualDecision.at) > toMs(at);
  return event.manualDecision === null || isOlder
    ? journey
    : { ...journey, heardManualDecision: { value: event.manualDecision, at } };
}

/** Contract §1.3 F, G. */
const RENEWAL_TRIGGER = 'KYC Renewal';
const MOST_REQUEST_IDS = 20;

/**
 * Which steps to redo stands in this event alone. The first one heard for a request belongs to that request; one more
 * is a further request, over whatever the next look shows. The same event once more (a replay) asks for nothing new,
 * and a renewal is no request of a reviewer's.
 */
function updateRequired(journey: JourneyFacts, event: IdwiseEvent, at: Instant): JourneyFacts {
  const { eventId } = event;
  if (event.trigger === RENEWAL_TRIGGER)
    return renewalRequested(heardDecision(journey, event, at), event, at);
  if (isReplayed(journey, eventId)) return heardDecision(journey, event, at);
  const asked: JourneyFacts = {
    ...heardDecision(journey, event, at),
    requiredSteps: event.requiredSteps,
    requestIds: withRequestId(journey, eventId),
  };
  const { verdict } = asked;
  if (verdict?.decision !== 'Resubmission Requested') return { ...asked, requestHeardEarly: true };
  if (!verdict.requestHeard) return { ...asked, verdict: { ...verdict, requestHeard: true } };
  return { ...asked, requestHeardEarly: true };
}

/** A renewal that is replayed after it was done asks for nothing. */
function renewalRequested(journey: JourneyFacts, event: IdwiseEvent, at: Instant): JourneyFacts {
  if (isReplayed(journey, event.eventId)) return journey;
  return { ...renewalAsked(journey, event, at), requestIds: withRequestId(journey, event.eventId) };
}

function isReplayed({ requestIds }: JourneyFacts, eventId: string | null): boolean {
  return eventId !== null && requestIds.includes(eventId);
}

function withRequestId({ requestIds }: JourneyFacts, eventId: string | null): readonly string[] {
  return eventId === null ? requestIds : [...requestIds, eventId].slice(-MOST_REQUEST_IDS);
}
