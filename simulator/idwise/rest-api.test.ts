import { inflateSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { at, TestBench, until } from './test-bench.js';

let bench: TestBench;
afterEach(() => bench.stop());

const microseconds = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
const imageId = expect.stringMatching(/^[0-9a-f]{32}$/);

describe('Get Journey', () => {
  test('a finished journey has the members of model 3.0 and no others', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney({ person: { documentType: 'Identity Card' } });
    const { status, json } = await bench.rest('GET', `/journey/v2/${journeyId}`);
    expect(status).toBe(200);
    expect(Object.keys(json as object)).toEqual([
      'journey_id',
      'customer_id',
      'journey_definintion_id',
      'flow_id',
      'reference_number',
      'start_time',
      'end_time',
      'system_decision',
      'manual_decision',
      'final_decision',
      'model_version',
      'documents',
      'selfie',
      'rule_results',
      'applicant',
      'aml',
      'screening_checks',
      'device_intelligence',
    ]);
    expect(json).toMatchObject({
      journey_id: journeyId,
      flow_id: 'simulated-flow',
      journey_definintion_id: 'simulated-flow',
      reference_number: 'customer-1',
      start_time: microseconds,
      end_time: microseconds,
      system_decision: 'Complete',
      manual_decision: null,
      final_decision: 'Complete',
      model_version: '3.0',
      selfie: { status: 'Complete', is_live: true, liveness_status_code: null, image_path: imageId },
      aml: { applicability: 'Applicable', matches: [], ongoing_monitoring_enabled: true },
      screening_checks: {},
    });
    expect(at(json, 'documents', '0')).toMatchObject({
      progress: 'Completed',
      has_passed_rules: true,
      document_type: 'Identity Card',
      issuing_country_code: 'UTO',
      validation_result: { validation_outcome: 'Passed' },
      face_match_result: { is_matched: true, score: 99 },
      images: {
        input_image_path: imageId,
        back_side_image_path: imageId,
        front_side_cropped_image_path: imageId,
        back_side_cropped_image_path: imageId,
      },
    });
    expect(at(json, 'rule_results', 'same_subject')).toMatchObject({ name: 'Same Person', result: 'Passed' });
  });

  test('a journey under way is answered with what is there and the decision Incomplete', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.control.startJourney({ referenceNo: null });
    const { json } = await bench.rest('GET', `/v2/${journeyId}`);
    expect(json).toMatchObject({
      reference_number: null,
      end_time: null,
      system_decision: 'Incomplete',
      final_decision: 'Incomplete',
      rule_results: null,
      applicant: null,
      documents: { '0': { progress: 'NotStarted', extracted_fields: {} } },
    });
  });

  test.each([
    ['complete', 'Complete', []],
    ['refer', 'Refer', ['no_duplicate_applicant']],
    ['rejected', 'Rejected', ['approved_nationality']],
    ['capture-failed', 'Refer', ['unrecognized_document']],
    ['Something Else', 'Something Else', []],
  ])('the outcome %s gives the decision %s', async (outcome, decision, failed) => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney({ outcome });
    const { json } = await bench.rest('GET', `/journey/v2/result/${journeyId}`);
    expect(at(json, 'system_decision')).toBe(decision);
    const rules = at(json, 'rule_results') as Record<string, { result: string }>;
    expect(Object.keys(rules).filter((key) => rules[key]?.result === 'Failed')).toEqual(failed);
  });

  test('a capture failure may come with Complete, and AML may not be ready yet', async () => {
    bench = await TestBench.start();
    const failed = await bench.finishedJourney({ outcome: 'capture-failed', systemDecision: 'Complete' });
    expect((await bench.rest('GET', `/journey/v2/${failed}`)).json).toMatchObject({
      system_decision: 'Complete',
      rule_results: { unrecognized_document: { result: 'Failed' } },
    });
    const notReady = await bench.finishedJourney({ outcome: 'aml-not-ready', amlReadyAfterFetches: 1 });
    const applicability = async () =>
      at((await bench.rest('GET', `/journey/v2/${notReady}`)).json, 'aml', 'applicability');
    expect(await applicability()).toBe('Not Ready Yet');
    expect(await applicability()).toBe('Applicable');
  });

  test('the same customer is the same person in every journey', async () => {
    bench = await TestBench.start();
    const applicant = async (journeyId: string) =>
      at((await bench.rest('GET', `/journey/v2/${journeyId}`)).json, 'applicant', 'applicant_id');
    const first = await applicant(await bench.finishedJourney());
    expect(await applicant(await bench.finishedJourney())).toBe(first);
    expect(await applicant(await bench.finishedJourney({ referenceNo: 'customer-2' }))).not.toBe(first);
  });

  test('redone steps show new images and a new end time, and the manual decision is gone', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    await bench.control.review(journeyId, 'Resubmission Requested', { steps: [{ stepId: '0' }] });
    const before = (await bench.rest('GET', `/journey/v2/${journeyId}`)).json;
    expect(before).toMatchObject({ manual_decision: 'Resubmission Requested' });
    await bench.control.resume(journeyId);
    await bench.control.submitStep(journeyId, '0');
    await bench.control.finish(journeyId);
    await bench.webhook('Updated Journey', 2);
    const after = (await bench.rest('GET', `/journey/v2/${journeyId}`)).json;
    const front = (json: unknown) => at(json, 'documents', '0', 'images', 'input_image_path');
    expect(front(after)).not.toBe(front(before));
    expect(at(after, 'selfie', 'image_path')).toBe(at(before, 'selfie', 'image_path'));
    expect(String(at(after, 'end_time')) > String(at(before, 'end_time'))).toBe(true);
    expect(at(after, 'manual_decision')).toBeNull();
  });
});

describe('Get Journey Summary', () => {
  test('steps are submitted at once and concluded later, digits as numbers', async () => {
    // Long enough to be seen at work by a slow machine too.
    bench = await TestBench.start({ processingMs: 1_500 });
    const journeyId = await bench.control.startJourney({ referenceNo: 'customer-1' });
    await bench.control.submitStep(journeyId, '0');
    const step = async () =>
      at((await bench.rest('GET', `/journey/v2/summary/${journeyId}`)).json, 'step_summaries', '0');
    expect(await step()).toMatchObject({
      definition: { step_id: 0, step_type: 'Document' },
      result: { status: 'Submitted', is_concluded: false },
    });
    await until(async () => at(await step(), 'result', 'is_concluded'));
    expect((await bench.rest('GET', `/journey/v2/summary/${journeyId}`)).json).toMatchObject({
      is_completed: false,
      result: { interim_rule_assessment: 'Passed' },
    });
  });

  test('more often than every 2 s per journey is refused with Retry-After', async () => {
    bench = await TestBench.start({ summaryLimit: true });
    const [one, other] = [await bench.finishedJourney(), await bench.finishedJourney()];
    expect((await bench.rest('GET', `/journey/v2/summary/${one}`)).status).toBe(200);
    const refused = await bench.restRaw('GET', `/journey/v2/summary/${one}`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
    expect((await bench.rest('GET', `/journey/v2/summary/${other}`)).status).toBe(200);
  });
});

describe('credentials and errors', () => {
  test.each([
    [undefined, 'missing_authorization_header'],
    ['Bearer something', 'invalid_authentication_format'],
    ['Basic bm9jb2xvbg==', 'invalid_authentication_format'],
    [`Basic ${Buffer.from('simulated-api-key:wrong').toString('base64')}`, 'invalid_credentials'],
  ])('the header %s is answered 401 %s', async (authorization, code) => {
    bench = await TestBench.start();
    const response = await fetch(`${bench.simulator.url}/journey/v2/abc`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ success: false, message: expect.any(String), error_code: code });
  });

  test('an unknown journey is 404, one of another account 403', async () => {
    bench = await TestBench.start();
    const unknown = await bench.rest('GET', '/journey/v2/constructor');
    expect([unknown.status, at(unknown.json, 'error_code')]).toEqual([404, 'missing_requested_resource']);
    const journeyId = await bench.finishedJourney({ foreignTenant: true });
    const foreign = await bench.rest('GET', `/journey/v2/${journeyId}`);
    expect([foreign.status, at(foreign.json, 'error_code')]).toEqual([403, 'unauthorized']);
  });

  test('after its personal data was deleted, a journey is gone', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    const image = at((await bench.rest('GET', `/journey/v2/${journeyId}`)).json, 'selfie', 'image_path');
    expect((await bench.rest('DELETE', `/journey/${journeyId}`)).status).toBe(200);
    expect((await bench.rest('GET', `/journey/v2/${journeyId}`)).status).toBe(404);
    expect((await bench.rest('GET', `/journey/v2/image/${String(image)}`)).status).toBe(404);
  });
});

describe('images', () => {
  test('every image is a valid PNG of its own', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    const { json } = await bench.rest('GET', `/journey/v2/${journeyId}`);
    const ids = [
      at(json, 'selfie', 'image_path'),
      at(json, 'documents', '0', 'images', 'input_image_path'),
    ].map(String);
    const pictures = await Promise.all(
      ids.map(async (id) => {
        const response = await bench.restRaw('GET', `/journey/v2/image/${id}`);
        expect(response.headers.get('content-type')).toBe('image/png');
        return Buffer.from(await response.arrayBuffer());
      }),
    );
    for (const picture of pictures) {
      expect(picture.subarray(1, 4).toString()).toBe('PNG');
      const data = picture.indexOf('IDAT');
      const pixels = inflateSync(picture.subarray(data + 4, data + 4 + picture.readUInt32BE(data - 4)));
      expect(pixels).toHaveLength(96 * (1 + 96 * 3));
    }
    expect(pictures[0]?.equals(pictures[1] ?? Buffer.alloc(0))).toBe(false);
  });

  test('an image is as large as it is asked to be, and a page under its type where that fault is on', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    const { json } = await bench.rest('GET', `/journey/v2/${journeyId}`);
    const path = `/journey/v2/image/${String(at(json, 'selfie', 'image_path'))}`;
    const fetched = async () => {
      const response = await bench.restRaw('GET', path);
      expect(response.headers.get('content-type')).toBe('image/png');
      return Buffer.from(await response.arrayBuffer());
    };
    const drawing = await fetched();
    await bench.control.call('PUT', '/sim/settings', { imageBytes: 1_000_000 });
    const large = await fetched();
    expect(large).toHaveLength(1_000_000);
    expect(large.subarray(-12).equals(drawing.subarray(-12))).toBe(true);
    await bench.control.call('POST', '/sim/faults', { kind: 'not-an-image', journeyId, times: 1 });
    expect(String(await fetched())).toContain('<!doctype html>');
    expect((await fetched()).equals(large)).toBe(true);
  });
});

describe('Manual Journey Review', () => {
  const path = (journeyId: string) => `/journey/v2/manual-review/${journeyId}`;

  test('a resubmission must decide on every failed step', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney({ outcome: 'capture-failed' });
    const request = { new_decision: 'Resubmission Requested', comment: 'blurred' };
    const selfieOnly = [{ step_id: '1', review_decision: 'Resubmit' }];
    expect((await bench.rest('POST', path(journeyId), request)).status).toBe(400);
    const partly = await bench.rest('POST', path(journeyId), { ...request, step_reviews: selfieOnly });
    expect(partly.status).toBe(400);
    const all = [{ step_id: '0', review_decision: 'Approve' }, ...selfieOnly];
    const whole = await bench.rest('POST', path(journeyId), { ...request, step_reviews: all });
    expect(whole.status).toBe(200);
    expect((await bench.webhook('Verification Update Required')).body.requiredSteps).toEqual([
      { stepId: '1', reasonCode: 'RESUBMIT_BAD_QUALITY' },
    ]);
  });

  test('unknown decisions and journeys under way are refused', async () => {
    bench = await TestBench.start();
    const finished = await bench.finishedJourney();
    expect((await bench.rest('POST', path(finished), { new_decision: 'Accept' })).status).toBe(400);
    const open = await bench.control.startJourney({ referenceNo: 'customer-1' });
    expect((await bench.rest('POST', path(open), { new_decision: 'Approved' })).status).toBe(400);
  });
});
