import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newJourney } from '../../src/domain/customer.js';
import { parseJourney } from '../../src/idwise/answers.js';
import { storeAnswer } from '../../src/idwise/stored-answers.js';
import { createVault } from '../../src/personal-data/vault.js';
import type { Store } from '../../src/store/store.js';
import { createActOnCase } from '../../src/usecases/cases/act-on-case.js';
import { createReadCasePerson } from '../../src/usecases/cases/read-case-person.js';
import { caseContext, OFFICER } from '../builders/compliance-case.js';
import { journeySnapshot } from '../builders/journey-snapshot.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { storeCase } from '../builders/stored-case.js';
import { amlMatch, finishedJourney } from '../idwise/journey-answers.js';

const vault = createVault(randomBytes(32));
let store: Store;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());

const POLICY_VERSION = 'the-policy-of-the-test';

test('the matches that are shown are those of the answer that the record rests on, also where an earlier one came back; each look names that answer', async () => {
  const { caseId, referenceNo, journeyId } = await storeCase(store, vault);
  const later = new Date(Date.now() + 60_000).toISOString();
  const without = parseJourney(finishedJourney({ reference_number: referenceNo, journey_id: journeyId }));
  if (without.kind !== 'parsed') throw new Error('The sample does not parse.');
  await storeAnswer({ store, vault }, referenceNo, without.answer, 'another digest', later);
  const restsOn = async (answerDigest: string) => {
    const journey = {
      ...newJourney(journeyId, later),
      snapshot: { ...journeySnapshot({ journeyId }), answerDigest },
    };
    await store.profiles.updateOne(
      { _id: referenceNo },
      { $set: { 'facts.journeys': { [journeyId]: journey } } },
    );
  };
  const read = createReadCasePerson({ store, vault, policyVersion: POLICY_VERSION });
  const shown = async () => {
    const person = await read(caseId, { id: 'olivia', roles: ['officer'] }, new Date());
    return person?.openMatches.map(({ name }) => name);
  };
  await restsOn('another digest');
  expect(await shown()).toEqual([]);
  await restsOn('digest');
  expect(await shown()).toEqual(['Listed Person']);
  const looks = await store.audit.find({ referenceNo, effect: 'case:person_viewed' }).toArray();
  expect(
    looks.map(({ actor, to, snapshotDigest, policyVersion }) => [actor, to, snapshotDigest, policyVersion]),
  ).toEqual(['another digest', 'digest'].map((digest) => ['olivia', { caseId }, digest, POLICY_VERSION]));
});

test('a match to which IDWise gave no id is shown as one that cannot be whitelisted', async () => {
  const { caseId, referenceNo, journeyId } = await storeCase(store, vault);
  const matches = [amlMatch({ name: 'With an id' }), amlMatch({ name: 'Without', resource_id: null })];
  const parsed = parseJourney(
    finishedJourney({
      reference_number: referenceNo,
      journey_id: journeyId,
      aml: { applicability: 'Applicable', matches },
    }),
  );
  if (parsed.kind !== 'parsed') throw new Error('The sample does not parse.');
  const later = new Date(Date.now() + 60_000).toISOString();
  await storeAnswer({ store, vault }, referenceNo, parsed.answer, 'a later digest', later);
  const read = createReadCasePerson({ store, vault, policyVersion: POLICY_VERSION });
  const person = await read(caseId, { id: 'olivia', roles: ['officer'] }, new Date());
  expect(person?.openMatches.map(({ name, canBeWhitelisted }) => [name, canBeWhitelisted])).toEqual([
    ['With an id', true],
    ['Without', false],
  ]);
});

test('nothing is shown of a customer whose record is gone, because a look at them could not be put on it', async () => {
  const { caseId, referenceNo } = await storeCase(store, vault);
  await store.profiles.deleteOne({ _id: referenceNo });
  const read = createReadCasePerson({ store, vault, policyVersion: POLICY_VERSION });
  await expect(read(caseId, { id: 'olivia', roles: ['officer'] }, new Date())).rejects.toThrow(
    'A case has no customer.',
  );
});

test('where the differences of a case became too many, the page says of which versions they are kept no more', async () => {
  const of = await storeCase(store, vault);
  const read = createReadCasePerson({ store, vault, policyVersion: POLICY_VERSION });
  const shown = async () => {
    const person = await read(of.caseId, OFFICER, new Date());
    return [person?.differences.map(({ version }) => version), person?.notKept];
  };
  const acts = createActOnCase({
    store,
    vault,
    context: caseContext(),
    mailRules: { recipients: [] },
    policyVersion: POLICY_VERSION,
    onChanged: () => undefined,
  });
  const notes = async () => {
    const requestId = randomUUID();
    const request = { action: 'note', noteId: requestId } as const;
    await acts({ caseId: of.caseId, requestId, actor: OFFICER, request, words: 'Seen.' }, new Date());
  };
  await notes();
  expect(await shown()).toEqual([[1], []]);
  const tooMuch = await vault.seal(of.referenceNo, { added: 'x'.repeat(4 * 1024 * 1024) });
  await store.cases.updateOne({ _id: of.caseId }, { $set: { 'differences.1': tooMuch } });
  await notes();
  expect(await shown()).toEqual([[], [1]]);
});
