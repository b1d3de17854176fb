import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { amlMatch, finishedJourney, passport } from '../../test/idwise/journey-answers.js';
import { parseJourney } from './answers.js';
import { normalisedName, toSnapshot } from './snapshot.js';
import { verifiedDetails } from './verified-details.js';

const KEY = new Uint8Array(32).fill(7);
const OTHER_KEY = new Uint8Array(32).fill(8);

function answer(changes: Record<string, unknown> = {}) {
  const result = parseJourney(finishedJourney(changes));
  if (result.kind !== 'parsed') throw new Error(result.code);
  return result.answer;
}

const snapshot = (changes: Record<string, unknown> = {}, key = KEY) => toSnapshot(answer(changes), key);
const withDocument = (changes: Record<string, unknown>) => ({ documents: { '0': passport(changes) } });
const withMatches = (...matches: unknown[]) => ({ aml: { applicability: 'Applicable', matches } });
const withFaces = (...results: unknown[]) => ({
  screening_checks: { additional_face_db: { image_path: 'gov', face_match_results: results } },
});

describe('outcomes', () => {
  test('of an approved journey are all there', () => {
    expect(snapshot()).toMatchObject({
      journeyId: '12d62f80e15c1d50ff23db54',
      flowId: 'flow-1',
      startTime: '2023-01-26T08:12:00.962Z',
      endTime: '2023-01-26T08:13:00.454Z',
      systemDecision: 'Complete',
      manualDecision: null,
      documents: [{ stepId: '0', completed: true, passed: true, expiryDate: '2030-01-31' }],
      selfie: { status: 'Complete', live: true, livenessStatusCode: null },
      rules: { document_validation: 'Passed', no_aml_records: 'Passed' },
      governmentFaceMatched: null,
      aml: { applicability: 'Applicable', openMatches: 0, version: null },
    });
  });

  test.each([
    [{}, true],
    [{ has_passed_rules: false }, false],
    [{ has_passed_rules: null }, true],
    [{ has_passed_rules: null, validation_result: null }, false],
    [{ validation_result: { validation_outcome: 'Failed' } }, false],
    [{ has_passed_rules: true, validation_result: null }, true],
    [{ face_match_result: { is_matched: false, score: 3 } }, false],
    [{ face_match_result: null }, true],
  ])('a document with %j has passed: %s', (changes, passed) => {
    expect(snapshot(withDocument(changes)).documents[0]?.passed).toBe(passed);
  });

  test.each([
    ['Completed', true],
    [undefined, true],
    ['Started', false],
    ['NotStarted', false],
  ])('a document whose progress is %s is completed: %s', (progress, completed) => {
    expect(snapshot(withDocument({ progress })).documents[0]?.completed).toBe(completed);
  });

  test('a step that is listed without content is neither completed nor passed', () => {
    expect(snapshot({ documents: { '0': null } }).documents).toEqual([
      { stepId: '0', completed: false, passed: false, expiryDate: null },
    ]);
  });

  test.each<[string, Record<string, unknown>, boolean | undefined]>([
    ['every step is completed', {}, true],
    ['there is no selfie and every document is completed', { selfie: null }, true],
    ['a document has not been begun', withDocument({ progress: 'NotStarted' }), false],
    ['the selfie has not been begun', { selfie: { status: 'Not Started' } }, false],
    ['a document is still being read', withDocument({ progress: 'Started' }), undefined],
    ['a document does not say how far it is', withDocument({ progress: undefined }), undefined],
    ['the selfie does not say how far it is', { selfie: { status: null } }, undefined],
    ['no document is listed yet', { documents: {} }, undefined],
    [
      'one of two documents has not been begun',
      { documents: { '0': passport(), '1': passport({ progress: 'NotStarted' }) } },
      false,
    ],
  ])('%s: the user’s steps are in: %s', (_what, changes, isIn) => {
    expect(snapshot(changes).userStepsIn).toBe(isIn);
  });

  test('the government face matches only when there is a result and every result says so', () => {
    expect(snapshot(withFaces()).governmentFaceMatched).toBeNull();
    expect(snapshot(withFaces({ is_matched: true })).governmentFaceMatched).toBe(true);
    expect(snapshot(withFaces({ is_matched: true }, { is_matched: false })).governmentFaceMatched).toBe(
      false,
    );
    expect(snapshot(withFaces({ is_matched: true }, { is_matched: null })).governmentFaceMatched).toBeNull();
  });

  test('a rule without a result has not passed', () => {
    expect(snapshot({ rule_results: { under_age: null } }).rules).toEqual({ under_age: '' });
  });
});

describe('the AML digest', () => {
  const digest = (changes: Record<string, unknown>) => snapshot(changes).aml?.digest;

  test('stays when only the order, the time of the search or of the monitoring changes', () => {
    const one = amlMatch();
    const two = amlMatch({ resource_id: 'resource-2' });
    const reordered = amlMatch({
      datasets: ['Adverse Media', 'Sanctions'],
      countries: ['AE', 'EA'],
      notes: null,
    });
    const before = digest(withMatches(one, two));
    expect(digest(withMatches(two, reordered))).toBe(before);
    expect(
      digest({ aml: { matches: [one, two], search_datetime: 'x', last_ongoing_monitoring_update: 'y' } }),
    ).toBe(before);
  });

  test('changes when a match comes, goes or changes', () => {
    const all = [
      digest(withMatches()),
      digest(withMatches(amlMatch())),
      digest(withMatches(amlMatch({ score: 83 }))),
      digest(withMatches(amlMatch(), amlMatch({ resource_id: 'resource-2' }))),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('counts open matches and names the highest version', () => {
    const aml = snapshot(
      withMatches(amlMatch(), amlMatch({ is_whitelisted: true, aml_record_version: '3' }), { name: 'odd' }),
    ).aml;
    expect(aml).toMatchObject({ openMatches: 2, version: 3 });
  });
});

describe('the steps digest and the result digest', () => {
  const redone = withDocument({ images: { input_image_path: 'front-2' } });

  test('a new picture changes the steps and not yet the result', () => {
    expect(snapshot(redone).stepsDigest).not.toBe(snapshot().stepsDigest);
    expect(snapshot(redone).resultDigest).toBe(snapshot().resultDigest);
  });

  test.each([
    ['the system decision', { system_decision: 'Refer' }],
    ['the manual decision', { manual_decision: 'Approved' }],
    ['the end time', { end_time: '2023-02-01T00:00:00' }],
    ['what a document shows', withDocument({ extracted_fields: { 'Document Number': { value: 'Y' } } })],
    ['a rule', { rule_results: { document_validation: { result: 'Failed' } } }],
    ['the government face', withFaces({ is_matched: true, score: 90 })],
  ])('%s changes the result and not the steps', (_what, changes) => {
    expect(snapshot(changes).resultDigest).not.toBe(snapshot().resultDigest);
    expect(snapshot(changes).stepsDigest).toBe(snapshot().stepsDigest);
  });

  test('AML and its rule change neither', () => {
    const changed = snapshot({
      ...withMatches(amlMatch()),
      rule_results: {
        document_validation: { name: 'Authentic Document', result: 'Passed', details: [] },
        no_aml_records: { result: 'Failed' },
      },
    });
    expect(changed.resultDigest).toBe(snapshot().resultDigest);
    expect(changed.stepsDigest).toBe(snapshot().stepsDigest);
    expect(changed.answerDigest).not.toBe(snapshot().answerDigest);
  });

  test('the order in which IDWise writes members changes nothing', () => {
    const reversed = Object.fromEntries(Object.entries(finishedJourney()).reverse());
    const result = parseJourney(reversed);
    expect(result.kind === 'parsed' && toSnapshot(result.answer, KEY)).toEqual(snapshot());
  });
});

describe('identity digests', () => {
  test('are the same for the same person in another spelling', () => {
    const applicant = {
      full_name: 'TESTPERSON  Zoe',
      personal_number: '784196012345671',
      birth_date: '1960-05-12',
    };
    expect(snapshot({ applicant }).identity).toEqual(snapshot().identity);
  });

  test('differ for another person, and for the same person under another key', () => {
    const other = snapshot({
      applicant: { full_name: 'Zoe Other', personal_number: '1', birth_date: '1961-05-12' },
    });
    for (const member of ['fullName', 'personalNumber', 'birthDate'] as const) {
      expect(other.identity[member]).not.toBe(snapshot().identity[member]);
      expect(snapshot({}, OTHER_KEY).identity[member]).not.toBe(snapshot().identity[member]);
    }
  });

  test('come from the document where the applicant is missing', () => {
    expect(snapshot({ applicant: null }).identity.fullName).toBe(snapshot().identity.fullName);
  });

  test('of a document that had expired name no expiry, so that its number is not compared', () => {
    const expired = withDocument({
      extracted_fields: { 'Document Number': { value: 'X' }, 'Expiry Date': { value: '2020-01-31' } },
    });
    expect(snapshot(expired).identity.documentExpiry).toBeNull();
    expect(snapshot(expired).identity.documentNumber).not.toBeNull();
  });

  test.each([
    ['Łukasz  Ñandú-Öz', 'łukasz nandu oz'],
    ['  ', null],
    [null, null],
  ])('normalise the name %s', (name, words) => {
    expect(normalisedName(name)?.split(' ').sort() ?? null).toEqual(words?.split(' ').sort() ?? null);
  });
});

test('a snapshot carries no personal data', () => {
  const text = JSON.stringify(snapshot());
  for (const secret of ['Zoë', 'Testperson', '1960', '1234567', 'X 123', 'front-1', 'selfie-1', 'abc-123']) {
    expect(text).not.toContain(secret);
  }
});

test('no journey that can be read makes the snapshot or the details throw', () => {
  const odd = fc.jsonValue({ maxDepth: 3 });
  const members = ['documents', 'selfie', 'rule_results', 'applicant', 'aml', 'screening_checks', 'end_time'];
  const journeys = fc.record(Object.fromEntries(members.map((member) => [member, fc.option(odd)])));
  const documents = fc.dictionary(
    fc.string(),
    fc.record({ progress: fc.string(), extracted_fields: odd, images: odd, has_passed_rules: fc.boolean() }),
  );
  const matches = fc.array(odd);
  fc.assert(
    fc.property(journeys, documents, matches, (journey, someDocuments, someMatches) => {
      for (const changes of [journey, { documents: someDocuments }, { aml: { matches: someMatches } }]) {
        const result = parseJourney(finishedJourney(changes));
        if (result.kind !== 'parsed') continue;
        toSnapshot(result.answer, KEY);
        verifiedDetails(result.answer);
      }
    }),
    { seed: 20_260_101 },
  );
});

test('verified details hold the data and nothing of AML', () => {
  const details = verifiedDetails(
    answer({ ...withMatches(amlMatch()), ...withFaces({ is_matched: true, score: 91 }) }),
  );
  expect(details).toMatchObject({
    decision: { system: 'Complete', manual: null, final: 'Complete' },
    applicant: { fullName: 'Zoë Testperson', birthDate: '1960-05-12', personalNumber: '784-1960-1234567-1' },
    documents: [
      {
        stepId: '0',
        type: 'Passport',
        issuingCountryCode: 'ARE',
        number: 'X 123-456',
        expiryDate: '2030-01-31',
      },
    ],
    selfie: { live: true },
    faceMatch: { matched: true, score: 99 },
    governmentFace: { matched: true, score: 91 },
  });
  expect(JSON.stringify(details)).not.toMatch(/aml|sanction|rule/i);
});
