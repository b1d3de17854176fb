import { randomUUID } from 'node:crypto';
import type { CompanyEvent } from '../../simulator/company/company-events.js';
import type { PushMessage } from '../../simulator/company/push-devices.js';
import { eventually } from '../eventually.js';
import { type OpenStream, openEventStream } from '../http/event-stream.js';
import { becomes } from './customers.js';
import type { Product } from './product.js';

/** The languages in which customers read. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'ar'] as const;

/** Everything of one customer that reaches them, or the company's customer channel, as text. */
export interface Outputs {
  /** By language: the view with its ETag. */
  readonly views: Readonly<Record<string, string>>;
  readonly streamed: readonly string[];
  /** Bodies of the signed events, by version. */
  readonly events: readonly string[];
  readonly pushes: readonly string[];
  readonly details: string;
  readonly images: string;
  /** The answer to a registration that is sent again. */
  readonly registration: string;
}

/** One customer with a device and an open stream; it keeps whatever comes. */
export class CustomerEyes {
  private readonly journeyIds: string[] = [];
  private readonly streamed: string[] = [];

  private constructor(
    private readonly product: Product,
    readonly referenceNo: string,
    private readonly customerId: string,
    private readonly deviceId: string,
    private readonly stream: OpenStream,
  ) {}

  static async registers(product: Product): Promise<CustomerEyes> {
    const referenceNo = `ref-${randomUUID()}`;
    const customerId = randomUUID();
    await answered(product.call('POST', '/v1/verifications', { customerId, referenceNo }), 201);
    const device = await product.sim('POST', '/sim/push/subscriptions');
    const { subscription } = device;
    const path = `/v1/verifications/${referenceNo}/devices`;
    await answered(product.call('POST', path, { channel: 'webpush', subscription }), 201);
    const stream = await openEventStream(`${product.apiUrl}/v1/verifications/${referenceNo}/events`, {
      authorization: `Bearer ${product.apiKey}`,
    });
    return new CustomerEyes(product, referenceNo, customerId, String(device['id']), stream);
  }

  get journeyId(): string {
    return this.journeyIds.at(-1) ?? '';
  }

  /** Starts a journey, as the app reports it; `wishes` as the simulator takes them. */
  async starts(wishes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { product, referenceNo } = this;
    const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', {
      referenceNo,
      person: 'the-same-person-each-time',
      ...wishes,
    });
    this.journeyIds.push(String(journeyId));
    await answered(product.call('POST', `/v1/verifications/${referenceNo}/journeys`, { journeyId }), 200);
  }

  /** Goes through a whole journey, and waits for each step to be seen, so that nobody's steps run together. */
  async verifies(wishes: Readonly<Record<string, unknown>>, status: string): Promise<this> {
    await this.starts(wishes);
    await this.comesToRest('in_progress');
    await this.product.sim('POST', `/sim/sdk/journeys/${this.journeyId}/finish`);
    await this.comesToRest('pending_verification');
    await this.comesToRest(status);
    return this;
  }

  /** Waits until the customer has the status, and everything that has come is done with and has been told. */
  async comesToRest(status: string): Promise<void> {
    const { product, referenceNo } = this;
    const { store } = product;
    await becomes(product, this, status);
    await eventually(`all of ${referenceNo} is done with`, async () => {
      const [waiting, owed] = await Promise.all([
        store.inbox.countDocuments({ referenceNo, state: { $ne: 'processed' } }),
        // Mails go to compliance, who have no part in this.
        store.outbox.countDocuments({
          referenceNo,
          state: 'pending',
          'message.channel': { $ne: 'compliance_mail' },
        }),
      ]);
      return waiting + owed === 0 ? true : undefined;
    });
  }

  async view(): Promise<Readonly<Record<string, unknown>>> {
    return (await this.product.call('GET', `/v1/verifications/${this.referenceNo}`)).body;
  }

  async outputs(): Promise<Outputs> {
    const { product, referenceNo, customerId, deviceId } = this;
    const path = `/v1/verifications/${referenceNo}`;
    const { version } = await this.view();
    await this.readsStreamUpTo(Number(version));
    const company = (await product.sim('GET', '/sim/company/events'))['events'] as readonly CompanyEvent[];
    const own = company
      .map(({ body }) => body as { data: { referenceNo: string; version: number } })
      .filter(({ data }) => data.referenceNo === referenceNo)
      .sort((a, b) => a.data.version - b.data.version);
    const device = await product.sim('GET', `/sim/push/${deviceId}/messages`);
    const views = await Promise.all(
      LANGUAGES.map(async (language) => [language, await this.viewIn(language)]),
    );
    return {
      views: Object.fromEntries(views) as Record<string, string>,
      streamed: [...this.streamed],
      events: own.map((body) => JSON.stringify(body)),
      pushes: (device['messages'] as readonly PushMessage[]).map(({ text }) => String(text)),
      details: JSON.stringify((await product.call('GET', `${path}/details`)).body),
      images: JSON.stringify((await product.call('GET', `${path}/images`)).body),
      registration: JSON.stringify(
        (await product.call('POST', '/v1/verifications', { customerId, referenceNo })).body,
      ),
    };
  }

  /**
   * Takes outputs of this customer; returns them with all that is another for every customer replaced by its name. Of the
   * stream the latest view is kept: of two that follow upon each other it may skip the first, whoever's they are.
   */
  anonymous(outputs: Outputs): Outputs {
    const replaced = [this.referenceNo, ...this.journeyIds].reduce(
      (text, id, index) => text.replaceAll(id, index === 0 ? 'REFERENCE' : `JOURNEY ${index}`),
      JSON.stringify({ ...outputs, streamed: outputs.streamed.slice(-1) }),
    );
    return JSON.parse(
      replaced.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME').replaceAll(/ETag \S+/g, 'ETag'),
    ) as Outputs;
  }

  close(): void {
    this.stream.close();
  }

  private async viewIn(language: string): Promise<string> {
    const { product, referenceNo } = this;
    const answer = await fetch(`${product.apiUrl}/v1/verifications/${referenceNo}`, {
      headers: { authorization: `Bearer ${product.apiKey}`, 'accept-language': language },
    });
    return `ETag ${answer.headers.get('etag')} ${await answer.text()}`;
  }

  /** Versions come in order, so that once this one is there, none before it is still to come. */
  private async readsStreamUpTo(version: number): Promise<void> {
    const last = this.streamed.at(-1);
    let seen = last === undefined ? 0 : (JSON.parse(last) as { version: number }).version;
    while (seen < version) {
      const { id, data } = await this.stream.next();
      this.streamed.push(data);
      seen = Number(id);
    }
  }
}

async function answered(call: ReturnType<Product['call']>, expected: number): Promise<void> {
  const { status, body } = await call;
  if (status !== expected) throw new Error(`It was answered ${status}: ${JSON.stringify(body)}`);
}
