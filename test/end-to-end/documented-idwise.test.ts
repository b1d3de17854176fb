import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { becomes, posts, registers } from './customers.js';
import { type DocumentedIdwise, startDocumentedIdwise } from './documented-idwise.js';
import { type Product, startProduct } from './product.js';

describe('against an IDWise that answers Get Journey with the documented members and nothing else', () => {
  const journey = {
    journeyId: '12d62f80e15c1d50ff23db54',
    flowId: 'documented-flow',
    referenceNo: `doc-${randomUUID()}`,
  };
  let idwise: DocumentedIdwise;
  let product: Product;

  beforeAll(async () => {
    idwise = await startDocumentedIdwise(journey);
    product = await startProduct({
      environment: {
        IDWISE_BASE_URL: idwise.url,
        IDWISE_API_KEY: 'documented-key',
        IDWISE_API_SECRET: 'documented-secret',
        IDWISE_FLOW_ID: journey.flowId,
      },
    });
  });
  afterAll(async () => {
    if (product !== undefined) await product.stop();
    await idwise?.close();
  });

  test('a customer is approved, and the verified data are there', async () => {
    const { referenceNo, journeyId } = journey;
    await registers(product, referenceNo);
    await product.call('POST', `/v1/verifications/${referenceNo}/journeys`, { journeyId });
    await becomes(product, journey, 'in_progress');
    idwise.decides();
    const body = { eventId: randomUUID(), journeyId, referenceNo, systemDecision: 'Complete' };
    expect(await posts(product, { event: 'Finished Journey', body })).toBe(200);
    await becomes(product, journey, 'approved');
    const details = await product.call('GET', `/v1/verifications/${referenceNo}/details`);
    expect(details).toMatchObject({ status: 200, body: { applicant: { fullName: 'Zoë Testperson' } } });
  });
});
