import { randomBytes } from 'node:crypto';
import type { DeliveryView, SimulatorControl } from '../control-client.js';
import { Customer } from './customer.js';
import { mailsNaming } from './mailbox.js';
import type { ServiceApi } from './service-api.js';
import type { Report } from './timeline.js';
import { ScenarioFailure, seconds, waitFor } from './waiting.js';

// So long nobody may ask IDWise anything before what an event has set off counts as over.
const quietMs = 1500;

/** Where a scenario plays: the simulator on one side, our API on the other, and a timeline of both. */
export class Stage {
  private readonly beganAtMs = Date.now();
  private readonly faultIds: string[] = [];
  /** Of every customer who has been on the stage. */
  readonly referenceNos: string[] = [];

  /**
   * @param deadlineMs how long each expectation is waited for
   * @param mailUrl MailDev's web interface, where mails can be looked at
   */
  constructor(
    private readonly scenario: string,
    readonly simulator: SimulatorControl,
    readonly api: ServiceApi,
    private readonly deadlineMs: number,
    private readonly mailUrl: string | null,
    private readonly report: Report,
  ) {}

  /** A customer who has just been registered. */
  async newCustomer(): Promise<Customer> {
    const customerId = `simulated-${this.scenario}-${randomBytes(5).toString('hex')}`;
    const view = await this.sends(`company: registers ${customerId}`, () => this.api.register(customerId));
    this.referenceNos.push(view.referenceNo);
    const customer = new Customer(this, view.referenceNo);
    await customer.becomes('created', 'none');
    return customer;
  }

  /** Asks the simulator for a fault; it ends with the scenario at the latest. @returns its id */
  async breaks(text: string, fault: { kind: string } & Record<string, unknown>): Promise<string> {
    const faultId = await this.sends(`fault: ${text}`, () => this.simulator.addFault(fault));
    this.faultIds.push(faultId);
    return faultId;
  }

  /** Ends a fault; webhooks that it held back are sent now. */
  async mends(text: string, faultId: string): Promise<void> {
    await this.sends(`fault over: ${text}`, () => this.simulator.removeFaults(faultId));
    this.faultIds.splice(this.faultIds.indexOf(faultId), 1);
  }

  /** Ends every fault of this scenario that is still on. */
  async mendsEverything(): Promise<void> {
    for (const faultId of this.faultIds.splice(0)) await this.simulator.removeFaults(faultId);
  }

  /** Does something and notes it. */
  async sends<T>(text: string, act: () => Promise<T>): Promise<T> {
    const startedAtMs = Date.now();
    const result = await act();
    this.note('sent', text, Date.now() - startedAtMs);
    return result;
  }

  /**
   * Waits for something and notes how long it took.
   *
   * @param explain what to say when it does not come
   */
  async waits<T>(
    text: (found: T) => string,
    look: () => Promise<T | undefined>,
    explain: (waitedMs: number) => string,
  ): Promise<T> {
    const startedAtMs = Date.now();
    const found = await waitFor(look, this.deadlineMs, (lastError) => {
      const why = lastError === undefined ? '' : ` (${String(lastError)})`;
      return `${explain(Date.now() - startedAtMs)}${why}`;
    });
    this.note('seen', text(found), Date.now() - startedAtMs);
    return found;
  }

  sees(text: string): void {
    this.note('seen', text, null);
  }

  remarks(text: string): void {
    this.note('note', text, null);
  }

  /** Waits until every webhook about the customer has been answered 200. */
  async allWebhooksArrive(customer: Customer): Promise<DeliveryView[]> {
    let last: DeliveryView[] = [];
    return this.waits(
      (deliveries) => `IDWise: ${deliveries.length} webhooks answered 200`,
      async () => {
        last = await this.simulator.deliveries({ referenceNo: customer.referenceNo });
        return last.length > 0 && last.every((delivery) => delivery.state === 'delivered') ? last : undefined;
      },
      (waitedMs) => `after ${seconds(waitedMs)}: ${last.filter(isOpen).map(describeOpen).join('; ')}`,
    );
  }

  /** Waits until all webhooks have arrived and nobody asks IDWise about the journey any more. */
  async everythingSettles(customer: Customer): Promise<void> {
    await this.allWebhooksArrive(customer);
    await this.waits(
      () => 'IDWise: nobody asks about the journey any more',
      async () => {
        const { calls } = await this.simulator.call('GET', `/sim/calls?journeyId=${customer.journeyId}`);
        const last = Math.max(0, ...(calls as { atMs: number }[]).map((call) => call.atMs));
        return Date.now() - last > quietMs ? true : undefined;
      },
      () => 'IDWise is asked about the journey again and again',
    );
  }

  /** Fails unless an endpoint of IDWise was called so often for the journey. */
  async wasCalled(customer: Customer, endpoint: string, times: number): Promise<void> {
    const count = await this.simulator.callCount(customer.journeyId, endpoint);
    if (count !== times) {
      throw new ScenarioFailure(`${endpoint} was called ${count} times instead of ${times}`);
    }
    this.sees(`IDWise: ${endpoint} was called ${times === 1 ? 'once' : `${times} times`}`);
  }

  /** Fails if the company was told one version of the view under two ids. */
  async companyWasToldOnce(customer: Customer): Promise<void> {
    const { events } = await this.simulator.call('GET', '/sim/company/events');
    const told = new Map<number, Set<string>>();
    for (const event of events as CompanyEventView[]) {
      if (event.body?.data?.referenceNo !== customer.referenceNo) continue;
      const version = event.body.data.version ?? 0;
      told.set(version, (told.get(version) ?? new Set()).add(event.webhookId ?? ''));
    }
    const twice = [...told].find(([, ids]) => ids.size > 1);
    if (twice) throw new ScenarioFailure(`version ${twice[0]} was told under ${twice[1].size} webhook-ids`);
    if (told.size > 0) this.sees(`company: told ${told.size} changes, each under one webhook-id`);
    else this.remarks('the company stand-in was told nothing: CUSTOMER_WEBHOOK_URL is another one, or unset');
  }

  /** Waits for a mail about the customer, where the mailbox is known. */
  async complianceIsMailed(customer: Customer): Promise<void> {
    const { mailUrl } = this;
    if (mailUrl === null) {
      this.remarks('no look at the mailbox: --mail was not given');
      return;
    }
    await this.waits(
      (mail) => `mailbox: "${mail.subject ?? ''}"`,
      async () => (await mailsNaming(mailUrl, [customer.referenceNo, customer.journeyId]))[0],
      (waitedMs) => `no mail to compliance within ${seconds(waitedMs)}`,
    );
  }

  private note(kind: 'sent' | 'seen' | 'note', text: string, tookMs: number | null): void {
    this.report({ scenario: this.scenario, atMs: Date.now() - this.beganAtMs, kind, text, tookMs });
  }
}

interface CompanyEventView {
  webhookId: string | null;
  body?: { data?: { referenceNo?: string; version?: number } };
}

function isOpen(delivery: DeliveryView): boolean {
  return delivery.state !== 'delivered';
}

function describeOpen(delivery: DeliveryView): string {
  const due =
    delivery.nextAttemptAtMs === null
      ? ''
      : `, next attempt in ${seconds(Math.max(0, delivery.nextAttemptAtMs - Date.now()))}` +
        ' (SIM_RETRY_SCALE makes these gaps shorter)';
  return `${delivery.event} is ${delivery.state}${due}`;
}
