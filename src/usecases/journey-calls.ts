import type { Instant } from '../domain/instant.js';
import type { CallOutcome, CustomStepStage } from '../domain/journey-calls.js';
import type { ClosingCall } from '../domain/policy.js';
import type { Look } from '../idwise/look.js';
import type { SendOnce } from '../idwise/send-once.js';

interface Dependencies {
  readonly look: Pick<Look, 'summarise'>;
  readonly sendOnce: SendOnce;
}

interface AboutCall {
  readonly referenceNo: string;
  readonly journeyId: string;
  readonly at: Instant;
  /** The journey has been read after a call in doubt and does not show it: it may be sent again. */
  readonly confirmedNotDone: boolean;
}

/** Makes the use cases that change a journey at IDWise; each makes one attempt and says what came of it. */
export function createJourneyCalls({ look, sendOnce }: Dependencies) {
  return {
    /** Takes the custom step's next move (contract §3.5); makes it. */
    async advanceCustomStep({
      stage,
      ...about
    }: AboutCall & { readonly stage: CustomStepStage }): Promise<CallOutcome> {
      switch (stage) {
        case 'await_user_steps':
          return userSteps(about.journeyId);
        case 'send_face':
          return sendOnce.sendGovernmentFace(about);
        case 'complete':
          return sendOnce.close({ ...about, operation: 'complete-custom-step' });
      }
    },
    /** Takes which of IDWise's two calls the policy wants (contract §3.5, §3.6); closes the journey with it. */
    closeJourney(about: AboutCall & { readonly operation: ClosingCall }): Promise<CallOutcome> {
      return sendOnce.close(about);
    },
  };

  async function userSteps(journeyId: string): Promise<CallOutcome> {
    const summary = await look.summarise({ journeyId });
    switch (summary.kind) {
      case 'summary':
        return {
          kind:
            summary.allUserStepsConcluded || summary.completed ? 'user_steps_concluded' : 'user_steps_open',
        };
      case 'refused':
        return { kind: 'refused', code: summary.code };
      case 'unavailable':
        return { kind: 'unavailable', code: summary.code, retryAfterMs: summary.retryAfterMs };
      default:
        return { kind: 'unavailable', code: 'code' in summary ? summary.code : summary.kind };
    }
  }
}
