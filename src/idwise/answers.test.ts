import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { amlMatch, finishedJourney, passport } from '../../test/idwise/journey-answers.js';
import { parseAmlHistory, parseJourney, parseSummary } from './answers.js';

function parsed(json: unknown) {
  const result = parseJourney(json);
  if (result.kind !== 'parsed') throw new Error(`unreadable: ${result.code}`);
  return result.answer;
}

describe('a journey answer', () => {
  test('is read with every documented member', () => {
    const answer = parsed(finishedJourney());
    expect(answer).toMatchObject({
      journeyId: '12d62f80e15c1d50ff23db54',
      referenceNo: 'abc-123-FE13',
      flowId: 'flow-1',
      systemDecision: 'Complete',
      manualDecision: null,
      finalDecision: 'Complete',
      selfie: { status: 'Complete', live: true, livenessStatusCode: null, imagePath: 'selfie-1' },
      aml: { applicability: 'Applicable', matches: [] },
      governmentFace: null,
    });
    expect(answer.documents[0]).toMatchObject({
      stepId: '0',
      hasPassedRules: true,
      validationOutcome: 'Passed',
    });
    expect([...(answer.documents[0]?.fields.keys() ?? [])]).not.toContain('Photo');
  });

  test('without a zone in its times is read as UTC', () => {
    const answer = parsed(finishedJourney({ start_time: '2023-01-26T08:12:00.962462' }));
    expect(answer.startTime).toBe('2023-01-26T08:12:00.962Z');
    expect(parsed(finishedJourney({ start_time: '2023-01-26 08:12:00' })).startTime).toBe(
      '2023-01-26T08:12:00.000Z',
    );
    expect(parsed(finishedJourney({ start_time: '2023-01-26T10:12:00+02:00' })).startTime).toBe(
      '2023-01-26T08:12:00.000Z',
    );
  });

  test('names its pictures under either documented set of names', () => {
    const images = { front_image_path: 'f', back_image_path: 'b', front_cropped_image_path: 'fc' };
    expect(
      parsed(finishedJourney({ documents: { '0': passport({ images }) } })).documents[0]?.images,
    ).toEqual({
      front: 'f',
      back: 'b',
      frontCropped: 'fc',
      backCropped: null,
    });
    expect(parsed(finishedJourney()).documents[0]?.images.front).toBe('front-1');
  });

  test('names its flow as flow_id or by the misspelt old member', () => {
    const { flow_id: _flow, ...old } = finishedJourney();
    expect(parsed({ ...old, journey_definintion_id: 'old-flow' }).flowId).toBe('old-flow');
    expect(parsed({ ...old, journey_definintion_id: null }).flowId).toBeNull();
  });

  test.each([
    'reference_number',
    'end_time',
    'manual_decision',
    'final_decision',
    'documents',
    'selfie',
    'rule_results',
    'applicant',
    'aml',
    'screening_checks',
    'device_intelligence',
    'model_version',
  ])('is readable with %s null or missing', (member) => {
    const { [member]: _gone, ...without } = finishedJourney();
    expect(parseJourney(without).kind).toBe('parsed');
    expect(parseJourney({ ...without, [member]: null }).kind).toBe('parsed');
  });

  test.each(['journey_id', 'system_decision', 'start_time'])('is unreadable without %s', (member) => {
    const { [member]: _gone, ...without } = finishedJourney();
    expect(parseJourney(without)).toEqual({ kind: 'unreadable', code: `bad_${member}` });
    expect(parseJourney({ ...without, [member]: null }).kind).toBe('unreadable');
    expect(parseJourney({ ...without, [member]: '' }).kind).toBe('unreadable');
  });

  test.each([
    ['documents', 'none'],
    ['documents', []],
    ['documents', { '0': passport({ has_passed_rules: 'true' }) }],
    ['selfie', 'Complete'],
    ['rule_results', { document_validation: 'Passed' }],
    ['rule_results', { 'no_aml\u0000records': { result: 'Passed' } }],
    ['aml', []],
    ['aml', { applicability: 'Applicable', matches: 'none' }],
    ['screening_checks', { additional_face_db: { face_match_results: [{ is_matched: 'yes' }] } }],
    ['start_time', 'yesterday'],
  ])(
    'in which a check stands in a wrong form (%s) is unreadable, so that it never counts as no check',
    (member, value) => {
      expect(parseJourney(finishedJourney({ [member]: value }))).toEqual({
        kind: 'unreadable',
        code: `bad_${member}`,
      });
    },
  );

  test('keeps a decision of an unknown kind untouched', () => {
    expect(parsed(finishedJourney({ system_decision: 'Partly Complete' })).systemDecision).toBe(
      'Partly Complete',
    );
  });

  test('that is nested absurdly deep is unreadable and harms nobody', () => {
    const bomb = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`) as unknown;
    expect(parseJourney(finishedJourney({ device_intelligence: bomb }))).toEqual({
      kind: 'unreadable',
      code: 'too_deep',
    });
  });

  test('never makes a parser throw, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        for (const parse of [parseJourney, parseSummary, parseAmlHistory]) parse(json);
      }),
      { seed: 20_260_101 },
    );
  });
});

describe('a summary answer', () => {
  test('may number its steps', () => {
    const answer = parseSummary({
      journey_id: 'j',
      is_completed: false,
      step_summaries: [
        {
          definition: { step_id: 0, step_type: 'Document' },
          result: { is_concluded: true, status: 'Submitted' },
        },
        { definition: { step_id: '1', step_type: 'Selfie' }, result: null },
      ],
    });
    expect(answer).toEqual({
      kind: 'parsed',
      answer: {
        completed: false,
        steps: [
          { stepId: '0', type: 'Document', concluded: true },
          { stepId: '1', type: 'Selfie', concluded: false },
        ],
      },
    });
  });
});

describe('an AML history', () => {
  const match = amlMatch();
  test.each([
    ['a list', [match], 1],
    ['one match', match, 1],
    ['an object by id', { a: match, b: match }, 2],
    ['a wrapped list', { matches: [match] }, 1],
    ['an empty object', {}, 0],
    ['null', null, 0],
  ])('is read when its matches are %s', (_form, matches, count) => {
    const answer = parseAmlHistory({ check_id: 'c', reference_number: 'r', aml_matches: matches });
    expect(answer.kind === 'parsed' ? answer.answer.matches.length : answer).toBe(count);
  });

  test.each([
    ['numbers', [1986]],
    ['texts', ['1980', '1980-02']],
    ['one value', '1980'],
  ])('is read when dates of birth are %s', (_form, datesOfBirth) => {
    expect(parseAmlHistory({ aml_matches: [amlMatch({ datesOfBirth })] }).kind).toBe('parsed');
  });
});
