/**
 * A small client of the control API, for scenarios and tests. It knows the HTTP interface only, so that it
 * works against a simulator in another process.
 */
export class SimulatorControl {
  /** @param url where the simulator listens, without a slash at the end */
  constructor(readonly url: string) {}

  /**
   * The SDK's Start Journey.
   *
   * @param wishes see `startRequest`: outcome, person, customStep, steps …
   * @returns the journey id that the app gets with onJourneyStarted
   */
  async startJourney(wishes: Record<string, unknown>): Promise<string> {
    const answer = await this.call('POST', '/sim/sdk/journeys', wishes);
    return String(answer.journeyId);
  }

  async submitStep(journeyId: string, stepId: string, change: Record<string, unknown> = {}): Promise<void> {
    await this.call('POST', `/sim/sdk/journeys/${journeyId}/steps/${encodeURIComponent(stepId)}`, change);
  }

  /** @param change e.g. another `outcome` from now on */
  async finish(journeyId: string, change: Record<string, unknown> = {}): Promise<void> {
    await this.call('POST', `/sim/sdk/journeys/${journeyId}/finish`, change);
  }

  async cancel(journeyId: string): Promise<void> {
    await this.call('POST', `/sim/sdk/journeys/${journeyId}/cancel`);
  }

  async resume(journeyId: string, change: Record<string, unknown> = {}): Promise<void> {
    await this.call('POST', `/sim/sdk/journeys/${journeyId}/resume`, change);
  }

  /** A reviewer decides in the Studio. */
  async review(
    journeyId: string,
    decision: 'Approved' | 'Rejected' | 'Resubmission Requested',
    more: Record<string, unknown> = {},
  ): Promise<void> {
    await this.call('POST', `/sim/studio/journeys/${journeyId}/review`, { decision, ...more });
  }

  /** Ongoing monitoring finds something. @returns the new AML version */
  async changeAml(journeyId: string, changes: Record<string, unknown>): Promise<number> {
    const answer = await this.call('POST', `/sim/aml/journeys/${journeyId}/changes`, changes);
    return Number(answer.version);
  }

  /** A renewal falls due. @param more `steps`, `graceMs` until IDWise says by itself that the deadline is exceeded */
  async requireRenewal(journeyId: string, more: Record<string, unknown> = {}): Promise<void> {
    await this.call('POST', `/sim/renewals/journeys/${journeyId}`, more);
  }

  /** The deadline of a renewal passes. @param more `renewalDeadline`, or `steps` with one each */
  async exceedRenewalDeadline(journeyId: string, more: Record<string, unknown> = {}): Promise<void> {
    await this.call('POST', `/sim/renewals/journeys/${journeyId}/deadline-exceeded`, more);
  }

  async sendEvent(event: string, body: unknown): Promise<void> {
    await this.call('POST', '/sim/events', { event, body });
  }

  /** @returns the fault's id */
  async addFault(fault: { kind: string } & Record<string, unknown>): Promise<string> {
    const answer = await this.call('POST', '/sim/faults', fault);
    return String(answer.faultId);
  }

  /** @param faultId without it, every fault */
  async removeFaults(faultId?: string): Promise<void> {
    await this.call('DELETE', faultId === undefined ? '/sim/faults' : `/sim/faults/${faultId}`);
  }

  /** @param filter e.g. `{journeyId, event, state}` */
  async deliveries(filter: Record<string, string> = {}): Promise<DeliveryView[]> {
    const answer = await this.call('GET', `/sim/deliveries?${new URLSearchParams(filter)}`);
    return answer.deliveries as DeliveryView[];
  }

  /** @returns how often an endpoint was called for a journey */
  async callCount(journeyId: string, endpoint: string): Promise<number> {
    const answer = await this.call('GET', `/sim/calls?${new URLSearchParams({ journeyId })}`);
    const counts = answer.counts as Record<string, Record<string, number>>;
    return counts[journeyId]?.[endpoint] ?? 0;
  }

  /** @returns the simulator's own view of the journey */
  async journey(journeyId: string): Promise<Record<string, unknown>> {
    return this.call('GET', `/sim/journeys/${journeyId}`);
  }

  /**
   * Any call of the control API.
   *
   * @throws with the simulator's own words when it refuses
   */
  async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${String(answer.error)}`);
    return answer;
  }
}

/** What a caller can rely on of an entry of the delivery log. */
export interface DeliveryView {
  deliveryId: string;
  event: string;
  eventId: string | null;
  journeyId: string | null;
  referenceNo: string | null;
  envelope: { event: string; body: Record<string, unknown> };
  state: 'held' | 'pending' | 'delivered' | 'given-up' | 'lost';
  nextAttemptAtMs: number | null;
  attempts: {
    attempt: number;
    atMs: number;
    durationMs: number;
    status: number | null;
    failure: string | null;
  }[];
}
