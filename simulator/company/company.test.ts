import { afterEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import webPush from 'web-push';
import { at, TestBench } from '../idwise/test-bench.js';

let bench: TestBench;
afterEach(() => bench.stop());

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

async function deliver(signedWith: string): Promise<number> {
  const payload = JSON.stringify({ type: 'verification.status_changed' });
  const now = new Date();
  const response = await fetch(`${bench.simulator.url}/company/webhook`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(signedWith).sign('msg_1', now, payload),
    },
    body: payload,
  });
  return response.status;
}

describe('the company stand-in', () => {
  test('a rightly signed event is taken, another refused, and both are kept', async () => {
    bench = await TestBench.start({ companyWebhookSecret: secret });
    expect(await deliver(secret)).toBe(200);
    expect(await deliver(`whsec_${Buffer.alloc(24, 8).toString('base64')}`)).toBe(401);
    expect(await bench.control.call('GET', '/sim/company/events')).toMatchObject({
      events: [
        { webhookId: 'msg_1', verified: true, body: { type: 'verification.status_changed' } },
        { webhookId: 'msg_1', verified: false },
      ],
    });
  });

  test('it can be made to fail', async () => {
    bench = await TestBench.start({ companyWebhookSecret: secret });
    await bench.control.addFault({ kind: 'status', endpoint: 'company-webhook', status: 503, times: 1 });
    expect(await deliver(secret)).toBe(503);
    expect(await deliver(secret)).toBe(200);
  });
});

describe('the push service', () => {
  const vapid = webPush.generateVAPIDKeys();

  async function push(subscription: webPush.PushSubscription, text: string): Promise<number> {
    const details = webPush.generateRequestDetails(subscription, text, {
      vapidDetails: { subject: 'mailto:push@example.com', ...vapid },
      TTL: 60,
      topic: 'status',
      urgency: 'high',
    });
    const headers = Object.entries(details.headers).map(([name, value]) => [name, String(value)]);
    const response = await fetch(details.endpoint, {
      method: 'POST',
      headers: headers.filter(([name]) => name !== 'Content-Length') as [string, string][],
      body: new Uint8Array(details.body ?? Buffer.alloc(0)),
    });
    return response.status;
  }

  test('a push of the web-push library is decrypted and its sender verified', async () => {
    bench = await TestBench.start();
    const { id, subscription } = await bench.control.call('POST', '/sim/push/subscriptions');
    const device = subscription as webPush.PushSubscription;
    expect(await push(device, '{"version":3}')).toBe(201);
    expect(await bench.control.call('GET', `/sim/push/${String(id)}/messages`)).toMatchObject({
      messages: [
        {
          text: '{"version":3}',
          ttl: '60',
          topic: 'status',
          urgency: 'high',
          vapid: { publicKey: vapid.publicKey, subject: 'mailto:push@example.com' },
        },
      ],
    });
  });

  test('a push for another device cannot be read', async () => {
    bench = await TestBench.start();
    const one = await bench.control.call('POST', '/sim/push/subscriptions');
    const other = await bench.control.call('POST', '/sim/push/subscriptions');
    const mixed = {
      endpoint: String(at(one.subscription, 'endpoint')),
      keys: (other.subscription as webPush.PushSubscription).keys,
    };
    expect(await push(mixed, 'secret')).toBe(201);
    const { messages } = await bench.control.call('GET', `/sim/push/${String(one.id)}/messages`);
    expect(messages).toMatchObject([{ text: null }]);
  });

  test('a device that was removed answers 410', async () => {
    bench = await TestBench.start();
    const { id, subscription } = await bench.control.call('POST', '/sim/push/subscriptions');
    await bench.control.call('DELETE', `/sim/push/${String(id)}`);
    expect(await push(subscription as webPush.PushSubscription, 'x')).toBe(410);
  });
});

describe('the government registry', () => {
  const ask = (journeyId: string, personalNumber: string) =>
    fetch(`${bench.simulator.url}/government-face`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        referenceNo: 'customer-1',
        journeyId,
        personalNumber,
        documentNumber: 'X1',
        issuingCountryCode: 'UTO',
      }),
    });

  test('it has a face for the synthetic persons, unless told otherwise, and for nobody else', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.control.startJourney({ person: { personalNumber: '9991' } });
    const found = await ask(journeyId, '9991');
    expect([found.status, found.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect((await ask(journeyId, '1234')).status).toBe(404);
    await bench.control.call('PUT', '/sim/government-face', { personalNumber: '9991', present: false });
    expect((await ask(journeyId, '9991')).status).toBe(404);
    expect(await bench.control.callCount(journeyId, 'government-face')).toBe(3);
  });

  test('it can be made to fail', async () => {
    bench = await TestBench.start();
    await bench.control.addFault({ kind: 'status', endpoint: 'government-face', status: 500 });
    expect((await ask('j-1', '9991')).status).toBe(500);
  });
});
