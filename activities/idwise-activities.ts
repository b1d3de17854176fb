import type { AmlVersionsOutcome } from '../src/domain/aml-changes.js';
import type { ImagesOutcome } from '../src/domain/images.js';
import type { Instant } from '../src/domain/instant.js';
import type { LookOutcome } from '../src/domain/journey.js';
import type { CallOutcome, CustomStepStage } from '../src/domain/journey-calls.js';
import type { ClosingCall } from '../src/domain/policy.js';
import type { IdentifiedEvent } from '../src/usecases/identify-event.js';
import { withSignsOfLife } from './sign-of-life.js';
import { withoutDetails } from './without-details.js';

interface AboutJourney {
  readonly referenceNo: string;
  readonly journeyId: string;
  readonly at: Instant;
}

/** Activities that call IDWise; on their own task queue, whose rate limit holds over all workers. */
export interface IdwiseActivities {
  lookAtJourney(about: AboutJourney): Promise<LookOutcome>;
  /** Reads and stores versions one by one, up to and with `to`, or while there are any where `to` is null. */
  readAmlVersions(
    about: AboutJourney & { readonly from: number; readonly to: number | null },
  ): Promise<AmlVersionsOutcome>;
  /** Fetches images that the policy wants and that are not stored yet; no path of one passes through Temporal. */
  storeImages(about: AboutJourney & { readonly answerDigest: string }): Promise<ImagesOutcome>;
  advanceCustomStep(
    about: AboutJourney & { readonly stage: CustomStepStage; readonly confirmedNotDone: boolean },
  ): Promise<CallOutcome>;
  closeJourney(
    about: AboutJourney & { readonly operation: ClosingCall; readonly confirmedNotDone: boolean },
  ): Promise<CallOutcome>;
  identifyEvent(event: { readonly inboxId: string; readonly at: Instant }): Promise<IdentifiedEvent>;
}

/** Takes the use cases; returns the activities over them, by name, so that nothing else of an object gets registered. */
export function createIdwiseActivities(useCases: IdwiseActivities): IdwiseActivities {
  return {
    lookAtJourney: withSignsOfLife(withoutDetails(useCases.lookAtJourney)),
    readAmlVersions: withSignsOfLife(withoutDetails(useCases.readAmlVersions)),
    storeImages: withSignsOfLife(withoutDetails(useCases.storeImages)),
    advanceCustomStep: withSignsOfLife(withoutDetails(useCases.advanceCustomStep)),
    closeJourney: withSignsOfLife(withoutDetails(useCases.closeJourney)),
    identifyEvent: withSignsOfLife(withoutDetails(useCases.identifyEvent)),
  };
}
