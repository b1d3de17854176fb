import type { AppReport } from './app-report.js';
import { type CustomerFacts, type JourneyFacts, withJourney } from './customer.js';
import type { IdwiseEvent } from './idwise-event.js';
import type { Instant } from './instant.js';
import { newCustomStep } from './journey-calls.js';
import { oweLook } from './owed-look.js';

/** One stored event on its way into the facts: what was said, when it reached us, and the inbox row that it stands in. */
export type Report = { readonly at: Instant; readonly cause: string } & (
  | { readonly source: 'app'; readonly report: AppReport }
  | { readonly source: 'idwise'; readonly event: IdwiseEvent }
);

/**
 * Takes the facts and a report; returns the facts with it. A report never decides anything: it says where to look, that
 * the user's part is done, or adds a duty. Reporting the same thing twice, or late, changes nothing that is decided.
 */
export function recordReport(facts: CustomerFacts, report: Report): CustomerFacts {
  const journeyId = report.source === 'app' ? journeyOf(report.report) : report.event.journeyId;
  if (journeyId === null) return lookAtAll(facts, report);
  return withJourney(facts, journeyId, report.at, (journey) => {
    const reported =
      report.source === 'app'
        ? appReported(journey, report.report, report.at)
        : idwiseReported(journey, report.event, report.at);
    return {
      ...reported,
      resultGivenUpAt: null,
      resultTakenUpAt: journey.resultGivenUpAt === null ? journey.resultTakenUpAt : report.at,
      owedLook: oweLook(reported.owedLook, report.at, report.cause),
    };
  });
}

function journeyOf(report: AppReport): string | null {
  return report.kind === 'registered' ? null : report.journeyId;
}

/** An event without a journey, such as a spot check's, is answered by a look at every journey we know of. */
function lookAtAll(facts: CustomerFacts, report: Report): CustomerFacts {
  if (report.source === 'app') return facts;
  return Object.keys(facts.journeys).reduce(
    (all, journeyId) =>
      withJourney(all, journeyId, report.at, (journey) => ({
        ...journey,
        owedLook: oweLook(journey.owedLook, report.at, report.cause),
      })),
    facts,
  );
}

function appReported(journey: JourneyFacts, report: AppReport, at: Instant): JourneyFacts {
  switch (report.kind) {
    case 'journey_started':
      return {
        ...journey,
        startReportedAt: journey.startReportedAt ?? at,
        lastStepAt: journey.lastStepAt ?? at,
      };
    case 'journey_submitted':
      return userStepsIn({ ...journey, submittedReportedAt: at, lastStepAt: at }, at);
    case 'journey_cancelled':
      return { ...journey, cancelledReportedAt: at };
    case 'registered':
      return journey;
  }
}

function idwiseReported(journey: JourneyFacts, event: IdwiseEvent, at: Instant): JourneyFacts {
  switch (event.kind) {
    case 'finished_step':
      return { ...journey, lastStepAt: at };
    case 'finished_user_steps': {
      const heard = { ...journey, userStepsFinishedAt: journey.userStepsFinishedAt ?? at, lastStepAt: at };
      return userStepsIn(heard, at);
    }
    case 'finished_journey':
      return { ...journey, finishedHeardAt: at };
    case 'manually_reviewed':
      return heardDecision(journey, event, at);
    case 'updated_journey':
      return event.action === 'Step Update'
        ? userStepsIn({ ...journey, lastStepAt: at }, at)
        : heardDecision(journey, event, at);
    case 'aml_monitor_update': {
      const heardVersion = Math.max(journey.aml.heardVersion, event.amlVersion ?? 0);
      return { ...journey, aml: { ...journey.aml, heardVersion } };
    }
    case 'verification_update_required':
      return updateRequired(journey, event, at);
    case 'kyc_renewal_deadline_exceeded':
    case 'finished_spot_check':
      return journey;
  }
}

/**
 * The user's part is done. For a journey with a verdict this may mean that newer steps are in, or be a late word about
 * the steps that the verdict was passed on: a fetch must show other steps before it counts.
 */
function userStepsIn(journey: JourneyFacts, at: Instant): JourneyFacts {
  const customStep = journey.customStep ?? newCustomStep(at);
  const { verdict } = journey;
  return {
    ...journey,
    customStep,
    verdict: verdict && { ...verdict, newerStepsAt: verdict.newerStepsAt ?? at },
  };
}

function heardDecision(journey: JourneyFacts, event: IdwiseEvent, at: Instant): JourneyFacts {
  return event.manualDecision === null
    ? journey
    : { ...journey, heardManualDecision: { value: event.manualDecision, at } };
}

/**
 * Which steps to redo stands in this event alone. The first one heard for a request belongs to that request; one more,
 * after newer steps came in, is a further request over them.
 */
function updateRequired(journey: JourneyFacts, event: IdwiseEvent, at: Instant): JourneyFacts {
  const heard = heardDecision(journey, event, at);
  const requiredSteps = event.requiredSteps.length > 0 ? event.requiredSteps : journey.requiredSteps;
  const { verdict, snapshot } = heard;
  if (verdict?.decision !== 'Resubmission Requested' || snapshot === null) {
    return { ...heard, requiredSteps, requestHeardEarly: true };
  }
  if (!verdict.requestHeard) return { ...heard, requiredSteps, verdict: { ...verdict, requestHeard: true } };
  const askedAgain = {
    ...verdict,
    seenAt: at,
    stepsDigest: snapshot.stepsDigest,
    resultDigest: snapshot.resultDigest,
    newerStepsAt: null,
  };
  return { ...heard, requiredSteps, verdict: askedAgain };
}
