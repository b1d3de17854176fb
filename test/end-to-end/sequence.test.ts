import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { eventually } from '../eventually.js';
import { rests } from './customers.js';
import { type Product, startProduct } from './product.js';

interface Mail {
  readonly messageId: string;
  readonly to: string;
  readonly text: string;
  readonly html: string;
  readonly subject: string;
}

/** The original sequence, row by row, through the product's own edges only. */
describe('the verification workflow', () => {
  let product: Product;
  const mails: Mail[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      simpleParser(stream)
        .then((mail) => {
          mails.push({
            messageId: mail.messageId ?? '',
            to: Array.isArray(mail.to) ? '' : (mail.to?.text ?? ''),
            text: mail.text ?? '',
            html: mail.html || '',
            subject: mail.subject ?? '',
          });
          done();
        })
        .catch(done);
    },
  });

  beforeAll(async () => {
    const port = await new Promise<number>((resolve) => {
      const server = smtp.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    product = await startProduct({
      simulator: { customStepId: '90' },
      environment: { SMTP_URL: `smtp://127.0.0.1:${port}`, IDWISE_CUSTOM_STEP_ID: '90' },
    });
  });
  afterAll(async () => {
    if (product !== undefined) await product.stop();
    await new Promise<void>((resolve) => smtp.close(resolve));
  });

  let nextCustomer = 0;
  async function registered(): Promise<string> {
    nextCustomer += 1;
    const answer = await product.call('POST', '/v1/verifications', {
      customerId: `customer-${nextCustomer}`,
    });
    expect(answer.status).toBe(201);
    return String(answer.body['referenceNo']);
  }
  async function started(referenceNo: string, wishes: Record<string, unknown> = {}): Promise<string> {
    const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo, ...wishes });
    const answer = await product.call('POST', `/v1/verifications/${referenceNo}/journeys`, { journeyId });
    expect(answer.status).toBe(200);
    return String(journeyId);
  }
  const view = async (referenceNo: string) =>
    (await product.call('GET', `/v1/verifications/${referenceNo}`)).body;
  const statusIs = (referenceNo: string, status: string) =>
    eventually(`${referenceNo} is ${status}`, async () => {
      const seen = await view(referenceNo);
      return seen['status'] === status ? seen : undefined;
    });
  const eventsOf = async (referenceNo: string) => {
    const { events } = await product.sim('GET', '/sim/company/events');
    return (events as { body: { data: Record<string, unknown> }; verified?: boolean }[]).filter(
      (event) => event.body.data['referenceNo'] === referenceNo,
    );
  };
  async function approved(
    wishes: Record<string, unknown> = {},
  ): Promise<{ referenceNo: string; journeyId: string }> {
    const referenceNo = await registered();
    const journeyId = await started(referenceNo, wishes);
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await statusIs(referenceNo, 'approved');
    return { referenceNo, journeyId };
  }

  test('Start Journey: a registered customer whose SDK has started is in progress, with the journey linked', async () => {
    const referenceNo = await registered();
    expect(await view(referenceNo)).toMatchObject({
      status: 'created',
      access: 'none',
      nextSteps: [{ action: 'start_verification' }],
    });
    const journeyId = await started(referenceNo);
    const seen = await statusIs(referenceNo, 'in_progress');
    expect(seen['journeys']).toMatchObject([{ journeyId, state: 'open' }]);
  });

  test('On Journey Complete: the app’s callback opens limited access, and a repeated one changes nothing', async () => {
    const referenceNo = await registered();
    const journeyId = await started(referenceNo);
    for (const stepId of ['0', '1'])
      await product.sim('POST', `/sim/sdk/journeys/${journeyId}/steps/${stepId}`);
    const path = `/v1/verifications/${referenceNo}/journeys/${journeyId}/completed`;
    await product.call('POST', path);
    expect(await statusIs(referenceNo, 'pending_verification')).toMatchObject({
      status: 'pending_verification',
      access: 'limited',
      functions: ['view_account', 'edit_profile'],
    });
    // Until the steps' events have been looked into, the view may still learn when the journey began.
    await eventually('every event is processed', async () => {
      const open = await product.store.inbox.countDocuments({ referenceNo, state: { $ne: 'processed' } });
      return open === 0 ? true : undefined;
    });
    const seen = await view(referenceNo);
    expect(seen).toMatchObject({ status: 'pending_verification', access: 'limited' });
    const again = await product.call('POST', path);
    expect(again.body).toEqual(seen);
  });

  test('On Journey Complete: a callback before the steps are in counts until a fetch says otherwise', async () => {
    const referenceNo = await registered();
    const journeyId = await started(referenceNo);
    await product.call('POST', `/v1/verifications/${referenceNo}/journeys/${journeyId}/completed`);
    await statusIs(referenceNo, 'in_progress');
  });

  test('Finished User Steps and Finished Journey: the government face is sent once, the step completed once, the customer approved', async () => {
    const { referenceNo, journeyId } = await approved();
    const calls = await product.sim('GET', `/sim/calls?journeyId=${journeyId}`);
    const counts = calls['counts'] as Record<string, number> | undefined;
    expect(JSON.stringify(counts ?? calls)).toContain('process-custom-journey-step');
    const records = await product.store.idwiseCalls.find({ journeyId }).toArray();
    expect(records.map(({ operation, state, attempts }) => ({ operation, state, attempts }))).toEqual(
      expect.arrayContaining([
        { operation: 'process-custom-journey-step', state: 'accepted', attempts: 1 },
        { operation: 'complete-custom-step', state: 'accepted', attempts: 1 },
      ]),
    );
    expect(await view(referenceNo)).toMatchObject({ status: 'approved', access: 'full' });
  });

  test('the company’s customer record: the verified data is there for the API key, encrypted at rest, and each read is audited', async () => {
    const { referenceNo, journeyId } = await approved();
    const answer = await product.call('GET', `/v1/verifications/${referenceNo}/details`);
    expect(answer.status).toBe(200);
    const fullName = String((answer.body['applicant'] as Record<string, unknown>)['fullName']);
    expect(fullName.length).toBeGreaterThan(3);
    const stored = JSON.stringify(await product.store.journeyAnswers.find({ journeyId }).toArray());
    const profile = JSON.stringify(await product.store.profiles.findOne({ _id: referenceNo }));
    expect(stored).not.toContain(fullName);
    expect(profile).not.toContain(fullName);
    expect(
      await product.store.audit.countDocuments({ referenceNo, effect: /details/, actor: { $ne: 'system' } }),
    ).toBe(1);
  });

  test('Manually Reviewed: the status follows the reviewer, from review to approved, to rejected and back', async () => {
    const referenceNo = await registered();
    const journeyId = await started(referenceNo, { outcome: 'refer' });
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await statusIs(referenceNo, 'under_review');
    for (const [decision, status] of [
      ['Approved', 'approved'],
      ['Rejected', 'rejected'],
      ['Approved', 'approved'],
    ] as const) {
      await product.sim('POST', `/sim/studio/journeys/${journeyId}/review`, { decision });
      await statusIs(referenceNo, status);
    }
  });

  test('asked to redo: the view says which step and why, and newer steps are judged anew', async () => {
    const referenceNo = await registered();
    const journeyId = await started(referenceNo, { outcome: 'refer' });
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await statusIs(referenceNo, 'under_review');
    const { steps } = (await product.sim('GET', `/sim/journeys/${journeyId}`)) as {
      steps?: { stepId: string }[];
    };
    const stepId = steps?.[0]?.stepId ?? '0';
    await product.sim('POST', `/sim/studio/journeys/${journeyId}/review`, {
      decision: 'Resubmission Requested',
      steps: [{ stepId, reasonCode: 'RESUBMIT_BLUR' }],
    });
    const seen = await eventually('the step to redo is named', async () => {
      const now = await statusIs(referenceNo, 'resubmission_required');
      return (now['nextSteps'] as { stepId: string | null }[])[0]?.stepId === stepId ? now : undefined;
    });
    expect(seen['nextSteps']).toMatchObject([
      { action: 'redo_step', stepId, reason: { text: 'The picture was blurred.' } },
    ]);
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/resume`);
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`, { outcome: 'complete' });
    await statusIs(referenceNo, 'approved');
  });

  test('AML Monitor Update: one mail to the first officer without personal data, and nothing the customer could see', async () => {
    const { referenceNo, journeyId } = await approved();
    const before = await view(referenceNo);
    const told = await eventually('the approval was told', async () => {
      const seen = await eventsOf(referenceNo);
      return seen.some((event) => event.body.data['status'] === 'approved') ? seen.length : undefined;
    });
    const details = JSON.stringify(
      (await product.call('GET', `/v1/verifications/${referenceNo}/details`)).body['applicant'],
    );
    const [fullName] = /"fullName":"([^"]+)"/.exec(details)?.slice(1) ?? [];
    await product.sim('PUT', '/sim/subscriptions', {
      events: [
        'AML Monitor Update',
        'Updated Journey',
        'Finished Journey',
        'Finished User Steps',
        'Manually Reviewed',
        'Verification Update Required',
      ],
    });
    await product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
      added: [{ datasets: ['Politically Exposed Person'] }],
      systemDecision: 'Refer',
    });
    const mail = await eventually('the officer’s mail', async () =>
      mails.find((seen) => seen.text.includes(referenceNo)),
    );
    expect(mail.to).toContain('first.officer@company.example');
    expect(`${mail.text}${mail.html}${mail.subject}`).not.toContain(fullName ?? 'no name');
    await eventually('both events are processed', async () => {
      const open = await product.store.inbox.countDocuments({ referenceNo, state: { $ne: 'processed' } });
      return open === 0 ? true : undefined;
    });
    expect(mails.filter((seen) => seen.text.includes(referenceNo))).toHaveLength(1);
    await eventually('the version is stored', async () =>
      (await product.store.amlVersions.countDocuments({ journeyId, version: 1 })) === 1 ? true : undefined,
    );
    expect(await view(referenceNo)).toEqual(before);
    expect((await eventsOf(referenceNo)).length).toBe(told);
  });

  test('Inform customer: each change of status is a signed event, with growing versions and nothing personal', async () => {
    const { referenceNo } = await approved();
    const events = await eventually('the approval’s event', async () => {
      const seen = await eventsOf(referenceNo);
      return seen.some((event) => event.body.data['status'] === 'approved') ? seen : undefined;
    });
    for (const event of events) {
      expect(Object.keys(event.body.data).sort()).toEqual(['access', 'referenceNo', 'status', 'version']);
      expect(event).toMatchObject({ verified: true });
    }
  });

  test('push: a registered device is told neutrally, and one that is gone is forgotten', async () => {
    const referenceNo = await registered();
    const alive = (await product.sim('POST', '/sim/push/subscriptions')) as {
      id: string;
      subscription: unknown;
    };
    const gone = (await product.sim('POST', '/sim/push/subscriptions')) as {
      id: string;
      subscription: unknown;
    };
    for (const { subscription } of [alive, gone]) {
      const answer = await product.call('POST', `/v1/verifications/${referenceNo}/devices`, {
        channel: 'webpush',
        subscription,
      });
      expect(answer.status).toBe(201);
    }
    await product.sim('DELETE', `/sim/push/${gone.id}`);
    const journeyId = await started(referenceNo);
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await statusIs(referenceNo, 'approved');
    const [message] = await eventually('the push', async () => {
      const { messages } = (await product.sim('GET', `/sim/push/${alive.id}/messages`)) as {
        messages: { text: string }[];
      };
      return messages.length > 0 ? messages : undefined;
    });
    expect(message?.text).toContain('status');
    expect(message?.text).not.toContain('approved');
    await eventually('the dead device is forgotten', async () =>
      (await product.store.devices.countDocuments({ referenceNo })) === 1 ? true : undefined,
    );
  });

  test('Complete Journey at any time: an operator’s wish closes the journey once, and the result counts', async () => {
    const referenceNo = await registered();
    const journeyId = await started(referenceNo);
    await statusIs(referenceNo, 'in_progress');
    await rests(product, { referenceNo });
    const answer = await product.call(
      'POST',
      `/v1/verifications/${referenceNo}/journeys/${journeyId}/complete`,
      { reason: 'customer called' },
    );
    expect(answer.status).toBe(202);
    await eventually('the journey is closed at IDWise', async () => {
      const profile = await product.store.profiles.findOne({ _id: referenceNo });
      return profile?.facts.journeys[journeyId]?.completion?.state === 'done' ? true : undefined;
    });
    const audit = await product.store.audit.find({ referenceNo, effect: /completion/ }).toArray();
    expect(audit.map((record) => record.effect)).toEqual(['completion:requested', 'completion:done']);
    const unknown = await product.call(
      'POST',
      `/v1/verifications/${referenceNo}/journeys/never-seen/complete`,
      { reason: 'x' },
    );
    expect(unknown.status).toBe(409);
  });

  test('the stream gives the present view first and then every change, by version', async () => {
    const referenceNo = await registered();
    const stop = new AbortController();
    const response = await fetch(`${product.apiUrl}/v1/verifications/${referenceNo}/events`, {
      headers: { authorization: `Bearer ${product.apiKey}` },
      signal: stop.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (wanted: string) => {
      while (!text.includes(wanted)) text += (await reader?.read())?.value ?? '';
    };
    await until('"status":"created"');
    await started(referenceNo);
    await until('"status":"in_progress"');
    const ids = [...text.matchAll(/^id: ?(\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    stop.abort();
  });

  test('an app that verified before it registered is known by its reference number when it does register', async () => {
    const referenceNo = `early-${Date.now()}`;
    const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo });
    await product.sim('POST', `/sim/sdk/journeys/${String(journeyId)}/finish`);
    await statusIs(referenceNo, 'approved');
    const answer = await product.call('POST', '/v1/verifications', {
      customerId: 'early-customer',
      referenceNo,
    });
    expect([200, 201]).toContain(answer.status);
    expect(answer.body).toMatchObject({ referenceNo, status: 'approved' });
  });
});
