import { afterEach, describe, expect, test } from '@jest/globals';
import { at, TestBench, until } from './test-bench.js';

let bench: TestBench;
afterEach(() => bench.stop());

const options = { customStepId: '42', customStepType: 'GovernmentFace' };
const picture = Buffer.from('not really a picture');

async function openJourney(wishes: Record<string, unknown> = {}): Promise<string> {
  const journeyId = await bench.control.startJourney({ referenceNo: 'customer-1', ...wishes });
  await bench.control.finish(journeyId);
  await until(async () => {
    const { json } = await bench.rest('GET', `/journey/v2/summary/${journeyId}`);
    const steps = at(json, 'step_summaries') as { result: { is_concluded: boolean } }[];
    return steps.every((step) => step.result.is_concluded);
  });
  return journeyId;
}

const sendJson = (journeyId: string, more: Record<string, unknown> = {}) =>
  bench.rest('POST', '/journey/v2/process-custom-journey-step', {
    journey_id: journeyId,
    step_id: '42',
    image: picture.toString('base64'),
    ...more,
  });
const complete = (journeyId: string, call = 'complete-custom-step') =>
  bench.rest('POST', `/journey/v2/${call}`, { journey_id: journeyId });

describe('the custom step', () => {
  test('a journey whose user steps are in stays Incomplete until Complete Custom Step', async () => {
    bench = await TestBench.start(options);
    const journeyId = await openJourney();
    expect((await bench.rest('GET', `/journey/v2/${journeyId}`)).json).toMatchObject({
      system_decision: 'Incomplete',
      end_time: null,
      rule_results: { document_validation: { result: 'Passed' } },
    });
    expect((await complete(journeyId)).status).toBe(200);
    expect((await bench.webhook('Finished Journey')).body.systemDecision).toBe('Complete');
  });

  test.each([true, false])(
    'the face is compared a while after it was sent (matched: %s)',
    async (matched) => {
      bench = await TestBench.start(options);
      const journeyId = await openJourney({ faceMatched: matched });
      const form = new FormData();
      form.set('journey_id', journeyId);
      form.set('step_id', '42');
      form.set('step_type', 'GovernmentFace');
      form.set('image', new Blob([picture], { type: 'image/png' }), 'face.png');
      const response = await fetch(`${bench.simulator.url}/journey/v2/process-custom-journey-step`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from('simulated-api-key:simulated-api-secret').toString('base64')}`,
        },
        body: form,
      });
      expect(response.status).toBe(200);
      await complete(journeyId);
      await bench.webhook('Finished Journey');
      const { json } = await bench.rest('GET', `/journey/v2/${journeyId}`);
      expect(at(json, 'screening_checks', 'additional_face_db', 'face_match_results', '0')).toMatchObject({
        is_matched: matched,
        images: [{ image_source: 'Selfie' }, { image_source: 'AdditionalFace' }],
      });
      expect(await bench.control.callCount(journeyId, 'process-custom-journey-step')).toBe(1);
      expect(await bench.control.callCount(journeyId, 'complete-custom-step')).toBe(1);
    },
  );

  test('JSON with base64 is taken too, and so is the older name of the call', async () => {
    bench = await TestBench.start(options);
    expect((await sendJson(await openJourney())).status).toBe(200);
    const older = await bench.rest('POST', '/journey/v2/process-journey-step', {
      journey_id: await openJourney(),
      step_id: '42',
      image: picture.toString('base64'),
    });
    expect(older.status).toBe(200);
  });

  test('another step, another type or no image is refused', async () => {
    bench = await TestBench.start(options);
    const journeyId = await openJourney();
    expect((await sendJson(journeyId, { step_id: '41' })).status).toBe(400);
    expect((await sendJson(journeyId, { step_type: 'Other' })).status).toBe(400);
    expect((await sendJson(journeyId, { image: '' })).status).toBe(400);
    expect((await sendJson('unknown')).status).toBe(404);
  });

  test('after completion every further call is refused', async () => {
    bench = await TestBench.start(options);
    const journeyId = await openJourney();
    expect((await complete(journeyId, 'complete-journey')).status).toBe(200);
    for (const answer of [
      await sendJson(journeyId),
      await complete(journeyId),
      await complete(journeyId, 'complete-journey'),
    ]) {
      expect(answer).toEqual({
        status: 400,
        json: { success: false, message: 'the journey is completed', error_code: 'invalid_request' },
      });
    }
    await bench.webhook('Finished Journey');
    expect(await bench.control.callCount(journeyId, 'complete-journey')).toBe(2);
  });

  test('a user who leaves the SDK after the backend has completed the journey changes nothing', async () => {
    bench = await TestBench.start(options);
    const journeyId = await openJourney();
    expect((await complete(journeyId)).status).toBe(200);
    await bench.control.finish(journeyId);
    await bench.webhook('Finished Journey');
    await bench.control.finish(journeyId);
    expect(await bench.control.journey(journeyId)).toMatchObject({ phase: 'finished' });
  });

  test('a journey without one finishes by itself and takes no face', async () => {
    bench = await TestBench.start(options);
    const journeyId = await bench.finishedJourney({ customStep: false });
    expect((await sendJson(journeyId)).status).toBe(400);
  });
});

describe('the journey that the backend drives', () => {
  test('start, steps and Complete Journey lead to Finished Journey', async () => {
    bench = await TestBench.start();
    const started = await bench.rest('POST', '/v2/start-journey', {
      flow_id: 'simulated-flow',
      reference_no: ' applicant/ref@1 ',
      applicant_details: { full_name: 'Kilo Specimen' },
    });
    expect(started.json).toEqual({
      journey_id: expect.any(String),
      reference_no: 'applicant/ref@1',
      is_completed: false,
      step_summaries: [],
    });
    const journeyId = String(at(started.json, 'journey_id'));
    for (const stepId of ['0', '1']) {
      const answer = await bench.rest('POST', '/v2/process-journey-step', {
        journey_id: journeyId,
        step_id: stepId,
        image: picture.toString('base64'),
      });
      expect(answer).toEqual({ status: 200, json: { success: true } });
    }
    await complete(journeyId, 'complete-journey');
    expect((await bench.webhook('Finished Journey')).body).toMatchObject({
      referenceNo: 'applicant/ref@1',
      systemDecision: 'Complete',
    });
    expect(at((await bench.rest('GET', `/v2/${journeyId}`)).json, 'applicant', 'full_name')).toBe(
      'Kilo Specimen',
    );
  });

  test('Complete Journey with steps missing never gives Complete', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.control.startJourney({ referenceNo: 'customer-1' });
    await bench.control.submitStep(journeyId, '0');
    await complete(journeyId, 'complete-journey');
    expect((await bench.webhook('Finished Journey')).body.systemDecision).toBe('Refer');
  });

  test.each([
    { reference_no: 'x' },
    { flow_id: 'simulated-flow', reference_no: 'no blanks inside' },
    { flow_id: 'simulated-flow', reference_no: 'x', applicant_details: {} },
  ])('%j is refused', async (body) => {
    bench = await TestBench.start();
    expect((await bench.rest('POST', '/journey/v2/start-journey', body)).status).toBe(400);
  });
});
