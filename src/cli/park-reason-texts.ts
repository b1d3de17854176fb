import type { ParkReason } from '../store/inbox-records.js';

/** What the reasons of parked events mean and how each is mended, in a sentence each; the runbook has more. */
export const PARK_REASON_TEXTS: Readonly<
  Record<ParkReason, { readonly means: string; readonly mend: string }>
> = {
  no_event_name: {
    means: 'It names no event; usually the call by which the portal tests the webhook.',
    mend: 'Nothing is to be done.',
  },
  not_an_object: {
    means: 'It is JSON, but a text, a number or a list.',
    mend: 'Nothing is to be done here; find out who sends it.',
  },
  unknown_event: {
    means: 'This release does not know an event of this name.',
    mend: 'Deploy a release that knows it (src/domain/idwise-event.ts), then replay: it is read anew.',
  },
  no_reference: {
    means: 'It bears neither a reference number nor a journey that is known.',
    mend: 'Let the app pass referenceNo to the SDK. It is tried again when its journey is linked.',
  },
  unknown_reference: {
    means: 'Nobody is registered under its reference number, and it names no journey to ask about.',
    mend: 'Register the customer; it is then tried again by itself.',
  },
  journey_not_ours: {
    means: 'As fetched, the journey bears another reference number or none, or is of another flow.',
    mend: 'Find out whose journey it is. Replay only once IDWise shows it as this customer’s.',
  },
  unknown_journey: {
    means: 'IDWise did not know the journey for as long as the policy asks (look.unknownJourneyGiveUp).',
    mend: 'Check region, environment and paths: npm run cli -- idwise check <journeyId>. Then replay.',
  },
  look_gave_up: {
    means: 'IDWise could not be asked for as long as the policy tries (look.giveUp).',
    mend: 'Mend what kept it from answering: npm run cli -- idwise check <journeyId>. Then replay.',
  },
};
