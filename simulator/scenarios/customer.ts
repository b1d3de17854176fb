import type { ProfileView } from './service-api.js';
import type { Stage } from './stage.js';
import { ScenarioFailure, seconds } from './waiting.js';

/** One customer of the company on the stage: every verb sends something, or waits for what our API says. */
export class Customer {
  journeyId = '';

  constructor(
    private readonly stage: Stage,
    readonly referenceNo: string,
  ) {}

  /**
   * The app starts the SDK and reports its onJourneyStarted.
   *
   * @param wishes what the journey shall come to, see the simulator's `POST /sim/sdk/journeys`
   */
  async startsJourney(wishes: Record<string, unknown>): Promise<void> {
    const { stage, referenceNo } = this;
    this.journeyId = await stage.sends(`SDK: journey started ${JSON.stringify(wishes)}`, () =>
      stage.simulator.startJourney({ referenceNo, ...wishes }),
    );
    await stage.sends('app: onJourneyStarted', () => stage.api.reportStart(referenceNo, this.journeyId));
    await this.becomes('in_progress', 'none');
  }

  /** The user submits every step, and the app reports onJourneyCompleted before IDWise has decided anything. */
  async submitsEveryStep(): Promise<void> {
    const { stage } = this;
    const journey = await stage.simulator.journey(this.journeyId);
    for (const { stepId, title } of journey.steps as { stepId: string; title: string }[]) {
      await stage.sends(`SDK: step ${stepId} submitted (${title})`, () =>
        stage.simulator.submitStep(this.journeyId, stepId),
      );
    }
    await stage.sends('app: onJourneyCompleted', () =>
      stage.api.reportCompletion(this.referenceNo, this.journeyId),
    );
    await this.waitsForDecision();
  }

  /** IDWise takes over: Finished User Steps, and in the end Finished Journey. */
  async leavesItToIdwise(change: Record<string, unknown> = {}): Promise<void> {
    await this.stage.sends('IDWise: all user steps are in, processing begins', () =>
      this.stage.simulator.finish(this.journeyId, change),
    );
  }

  /** The three verbs above in one, for stories that begin where the others end. */
  async goesThroughJourney(wishes: Record<string, unknown>): Promise<void> {
    await this.startsJourney(wishes);
    await this.submitsEveryStep();
    await this.leavesItToIdwise();
  }

  // Where servers are restarted, IDWise may have decided before our API could be asked: then the wait is over.
  private async waitsForDecision(): Promise<void> {
    const { stage } = this;
    const isDecided = async () => (await stage.simulator.journey(this.journeyId)).phase === 'finished';
    await this.becomes('pending_verification', 'limited', '', isDecided);
  }

  /**
   * Waits until our API says so.
   *
   * @param hint what to look at when it never does
   * @param isPast whether what is waited for may have come and gone, so that what our API says now is good as well
   */
  async becomes(
    status: string,
    access: string,
    hint = '',
    isPast: () => Promise<boolean> = async () => false,
  ): Promise<ProfileView> {
    const { stage, referenceNo } = this;
    let last: ProfileView | undefined;
    return stage.waits(
      (view) =>
        `our API: status ${view.status}, access ${view.access}${reasonOf(view)}, version ${view.version}`,
      async () => {
        last = await stage.api.view(referenceNo);
        const isThere = last.status === status && last.access === access;
        return isThere || (await isPast()) ? last : undefined;
      },
      (waitedMs) =>
        `expected ${status} (access ${access}) within ${seconds(waitedMs)}, but our API says ` +
        `${last ? `${last.status} (access ${last.access})${reasonOf(last)}` : 'nothing'}${hint && `; ${hint}`}`,
    );
  }

  /** Waits until our API shows which steps are to be renewed, and until when. */
  async isAskedToRenew(): Promise<ProfileView> {
    const { stage, referenceNo } = this;
    return stage.waits(
      (view) => `our API: next steps ${JSON.stringify(view.nextSteps)}, due ${view.dueAt}`,
      async () => {
        const view = await stage.api.view(referenceNo);
        return view.dueAt !== null && JSON.stringify(view.nextSteps).includes('"renew_step"')
          ? view
          : undefined;
      },
      () => 'our API shows no step to renew, or no due date',
    );
  }

  /** Waits until IDWise has finished the journey, whether or not a webhook has said so. */
  async isFinishedAtIdwise(): Promise<void> {
    const { stage } = this;
    await stage.waits(
      () => 'IDWise: the journey is finished',
      async () => {
        const { phase } = await stage.simulator.journey(this.journeyId);
        return phase === 'finished' ? true : undefined;
      },
      () => 'IDWise never finished the journey: is the custom step completed (IDWISE_CUSTOM_STEP_ID)?',
    );
  }

  /** Fails unless status, access and version are still those of the view. */
  async isUnchangedSince(before: ProfileView): Promise<void> {
    const now = await this.stage.api.view(this.referenceNo);
    if (now.status !== before.status || now.access !== before.access || now.version !== before.version) {
      throw new ScenarioFailure(
        `the view changed from ${before.status} (version ${before.version}) to ${now.status} (version ${now.version})`,
      );
    }
    this.stage.sees(`our API: unchanged, status ${now.status}, access ${now.access}, version ${now.version}`);
  }
}

function reasonOf(view: ProfileView): string {
  const reason = typeof view.reason === 'object' ? (view.reason?.text ?? view.reason?.code) : view.reason;
  return reason ? `, reason "${reason}"` : '';
}
