import { randomUUID } from 'node:crypto';
import { Calls } from './calls.js';
import { type Delivery, WebhookDeliveries } from './delivery.js';
import { Faults } from './faults.js';
import type { Journey } from './journey.js';
import { ownValue } from './own-value.js';
import { Scheduler, type Work } from './scheduler.js';
import { emptyState, type SimulatorState } from './state.js';
import { MicrosecondClock } from './timestamps.js';
import { envelopesOf, type WebhookFact, type WebhookSubject } from './webhook-payloads.js';
import type { WebhookTarget } from './webhook-post.js';

/** What a simulator is told at its start, with every default filled in. */
export interface SimulationConfig {
  apiKey: string;
  apiSecret: string;
  flowId: string;
  clientKey: string;
  /** The custom step that IDWise support has put into the flow; null: none. */
  customStep: { stepId: string; stepType: string } | null;
  retryScale: number;
  processingMs: number;
  webhookTimeoutMs: number;
  webhook: WebhookTarget | null;
  companyWebhookSecret: string | null;
}

/** What everything in the simulator shares: the state, the clock, and what happens by itself later. */
export class Simulation {
  readonly faults: Faults;
  readonly calls: Calls;
  readonly deliveries: WebhookDeliveries;
  readonly clock = new MicrosecondClock(0);
  private readonly scheduler: Scheduler;

  /**
   * @param state changed in place, for as long as the simulator runs
   * @param runWork what to do when a scheduled piece of work is due
   * @param changed called after every change of the state
   */
  constructor(
    readonly config: SimulationConfig,
    readonly state: SimulatorState,
    runWork: (simulation: Simulation, work: Work) => void,
    readonly changed: () => void,
  ) {
    this.faults = new Faults(state.faults);
    this.calls = new Calls(state.calls, state.callCounts);
    this.deliveries = new WebhookDeliveries(state.deliveries, this.faults, {
      target: () => this.config.webhook,
      retryScale: config.retryScale,
      timeoutMs: config.webhookTimeoutMs,
      changed,
    });
    this.scheduler = new Scheduler(state.tasks, (work) => {
      runWork(this, work);
      changed();
    });
  }

  /** @returns undefined when there is no such journey, or its data was deleted */
  journey(journeyId: string): Journey | undefined {
    return ownValue(this.state.journeys, journeyId);
  }

  /** Deletes everything personal of a journey (contract §3.10), which leaves nothing of it. */
  forgetJourney(journeyId: string): void {
    delete this.state.journeys[journeyId];
    const { imageOwners } = this.state;
    for (const [imageId, owner] of Object.entries(imageOwners)) {
      if (owner === journeyId) delete imageOwners[imageId];
    }
  }

  /** @param delayMs milliseconds from now */
  schedule(work: Work, delayMs: number): void {
    this.scheduler.add(work, delayMs);
    this.changed();
  }

  /**
   * Tells the company about something, in every form that the account is subscribed to.
   *
   * @param subject the journey as it stands, or something like it for events that have none
   */
  notify(subject: WebhookSubject, fact: WebhookFact): Delivery[] {
    const { subscriptions, payloadGeneration } = this.state;
    const envelopes = envelopesOf(fact, subject, subscriptions, payloadGeneration, randomUUID);
    const { journeyId, referenceNo } = subject;
    return envelopes.flatMap((envelope) =>
      this.deliveries.send({ envelope, event: envelope.event, subject: { journeyId, referenceNo } }),
    );
  }

  /** Notes a new image of a journey. @returns its id, which IDWise calls its path */
  newImage(journeyId: string): string {
    const imageId = randomUUID().replaceAll('-', '');
    this.state.imageOwners[imageId] = journeyId;
    return imageId;
  }

  /** Forgets everything that has happened; the settings of the start stay. */
  reset(): void {
    this.deliveries.clear();
    const fresh = emptyState(this.state.settings);
    for (const list of ['tasks', 'faults', 'calls', 'companyEvents'] as const) this.state[list].splice(0);
    for (const record of [
      this.state.journeys,
      this.state.imageOwners,
      this.state.callCounts,
      this.state.governmentFaces,
      this.state.pushDevices,
    ]) {
      for (const key of Object.keys(record)) delete record[key];
    }
    this.state.subscriptions = fresh.subscriptions;
    this.state.payloadGeneration = fresh.payloadGeneration;
    this.changed();
  }

  async stop(): Promise<void> {
    this.scheduler.stop();
    await this.deliveries.stop();
  }
}
