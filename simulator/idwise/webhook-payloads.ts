/** The documented events, in their modern names (contract §1.2, §1.3), with what is particular to each. */
export type WebhookFact =
  | { event: 'Finished Step'; stepId: string; stepType: string }
  | { event: 'Finished User Steps' }
  | { event: 'Finished Journey' }
  | { event: 'Manually Reviewed' }
  | { event: 'Updated Journey'; action: string; manualReviewDetails?: ManualReviewDetails }
  | { event: 'AML Monitor Update'; previousSystemDecision: string; updatedAMLVersionNumber: number }
  | {
      event: 'Verification Update Required';
      trigger: string;
      requiredSteps: { stepId: string; reasonCode: string }[];
    }
  | {
      event: 'KYC Renewal Deadline Exceeded';
      requiredSteps: { stepId: string; renewalDeadline: string }[];
    }
  | { event: 'Finished Spot Check'; spotCheckJourneyId: string };

/** Reconstructed member of `Updated Journey` with the action `Manual Review` (contract §1.3 E, inferred). */
export interface ManualReviewDetails {
  journeyReviewDecision: string;
  reasonCode: string | null;
  stepReviews: { stepId: string; reviewDecision: string; reasonCode: string }[];
}

/** The journey as it stands at the moment of the event. */
export interface WebhookSubject {
  journeyId: string;
  referenceNo: string | null;
  systemDecision: string;
  manualDecision: string | null;
}

export interface Envelope {
  event: string;
  body: Record<string, unknown>;
}

/**
 * Which generation of the contract the account is on (contract §1.3 B): `modern`; `early`, the common first
 * payload plus `eventId`; `2023-05`, the common payload; `2022-12`, the same without `manualDecision`.
 */
export const payloadGenerations = ['modern', 'early', '2023-05', '2022-12'] as const;
export type PayloadGeneration = (typeof payloadGenerations)[number];

/** What an account is subscribed to unless a test says otherwise: the newest list, and `Manually Reviewed`. */
export const defaultSubscriptions: readonly string[] = [
  'Finished Step',
  'Finished User Steps',
  'Finished Journey',
  'Manually Reviewed',
  'Updated Journey',
  'Verification Update Required',
  'KYC Renewal Deadline Exceeded',
  'AML Monitor Update',
  'Finished Spot Check',
];

const firstGenerationEvents: readonly string[] = [
  'Finished User Steps',
  'Finished Journey',
  'Manually Reviewed',
  'AML Monitor Update',
];

/**
 * Puts one fact into every form that the account is subscribed to, each with an event id of its own.
 *
 * @param newEventId called once per envelope
 * @returns no envelope when nothing of it is subscribed
 */
export function envelopesOf(
  fact: WebhookFact,
  subject: WebhookSubject,
  subscriptions: readonly string[],
  generation: PayloadGeneration,
  newEventId: () => string,
): Envelope[] {
  const envelopes: Envelope[] = [];
  if (subscriptions.includes(fact.event)) {
    const old = generation !== 'modern' && firstGenerationEvents.includes(fact.event);
    const body = old
      ? firstGenerationBody(subject, generation, newEventId)
      : modernBody(fact, subject, newEventId());
    envelopes.push({ event: fact.event, body });
  }
  if (fact.event === 'Finished Step' && subscriptions.includes('Step Submitted')) {
    const { journeyId, referenceNo } = subject;
    const { stepId, stepType } = fact;
    envelopes.push({ event: 'Step Submitted', body: { journeyId, referenceNo, stepId, stepType } });
  }
  if (fact.event === 'Finished Spot Check' && subscriptions.includes('Finished Ongoing Check')) {
    const { journeyId, referenceNo, systemDecision } = subject;
    const body = {
      eventId: newEventId(),
      journeyId,
      referenceNo,
      systemDecision,
      ongoingCheckId: fact.spotCheckJourneyId,
    };
    envelopes.push({ event: 'Finished Ongoing Check', body });
  }
  return envelopes;
}

function firstGenerationBody(
  subject: WebhookSubject,
  generation: PayloadGeneration,
  newEventId: () => string,
): Record<string, unknown> {
  const { journeyId, referenceNo, systemDecision, manualDecision } = subject;
  return {
    ...(generation === 'early' ? { eventId: newEventId() } : {}),
    journeyId,
    referenceNo,
    systemDecision,
    ...(generation === '2022-12' ? {} : { manualDecision }),
    finalDecision: manualDecision ?? systemDecision,
  };
}

function modernBody(fact: WebhookFact, subject: WebhookSubject, eventId: string): Record<string, unknown> {
  const { journeyId, referenceNo, systemDecision, manualDecision } = subject;
  const named = { eventId, journeyId, referenceNo };
  const decided = { ...named, systemDecision };
  const reviewed = { ...decided, manualDecision, finalDecision: manualDecision ?? systemDecision };
  switch (fact.event) {
    case 'Finished Step':
      return { ...named, stepId: fact.stepId, stepType: fact.stepType };
    case 'Finished User Steps':
    case 'Finished Journey':
      return decided;
    case 'Manually Reviewed':
      return reviewed;
    case 'Updated Journey':
      return {
        ...reviewed,
        action: fact.action,
        ...(fact.manualReviewDetails ? { manualReviewDetails: fact.manualReviewDetails } : {}),
      };
    case 'AML Monitor Update':
      return {
        ...decided,
        previousSystemDecision: fact.previousSystemDecision,
        updatedAMLVersionNumber: fact.updatedAMLVersionNumber,
      };
    case 'Verification Update Required':
      return { ...reviewed, trigger: fact.trigger, requiredSteps: fact.requiredSteps };
    case 'KYC Renewal Deadline Exceeded':
      return { ...named, requiredSteps: fact.requiredSteps };
    case 'Finished Spot Check':
      return { eventId, referenceNo, systemDecision, spotCheckJourneyId: fact.spotCheckJourneyId };
  }
}
