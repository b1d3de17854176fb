import { randomBytes, randomUUID } from 'node:crypto';
import { policyVersion } from '../../src/audit/policy-version.js';
import { recordPolicy } from '../../src/audit/record-policy.js';
import { amlDifference, summarise } from '../../src/domain/cases/aml-difference.js';
import { openCase } from '../../src/domain/cases/case-versions.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { parseJourney } from '../../src/idwise/answers.js';
import { storeAnswer } from '../../src/idwise/stored-answers.js';
import type { Vault } from '../../src/personal-data/vault.js';
import { appendAudit } from '../../src/store/audit-chain.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import type { Store } from '../../src/store/store.js';
import { writeCaseTurn } from '../../src/usecases/cases/case-writing.js';
import { referBy } from '../../src/usecases/cases/known-matches.js';
import { amlMatch, finishedJourney } from '../idwise/journey-answers.js';
import { auditEntry } from './audit-chains.js';
import { caseContext } from './compliance-case.js';

export interface StoredCase {
  readonly caseId: string;
  readonly referenceNo: string;
  readonly journeyId: string;
}

/** Texts of which each is personal data of the customer or of somebody on a list, in everything that `storeCase` stores. */
export const PERSONAL_TEXTS = [
  'Zoë',
  'Testperson',
  '784-1960-1234567-1',
  '1960-05-12',
  'X 123-456',
  'Listed Person',
];

/**
 * Takes the store and the vault; stores a customer, the answer of IDWise that says who they are, and an open case about a
 * politically exposed match of them, as the customer's workflow leaves it behind. Before it there are as many records of
 * the customer that have nothing to do with it. A customer who is named is there already, and has another case by it.
 */
export async function storeCase(
  store: Store,
  vault: Vault,
  earlierRecords = 0,
  customer?: string,
): Promise<StoredCase> {
  const caseId = `case_${randomBytes(10).toString('hex')}`;
  const referenceNo = customer ?? `ref-${randomUUID()}`;
  const journeyId = randomUUID();
  const at = new Date().toISOString();
  const match = amlMatch({ name: 'Listed Person', datasets: ['Politically Exposed Person'] });
  const answer = parseJourney(
    finishedJourney({
      reference_number: referenceNo,
      journey_id: journeyId,
      aml: { applicability: 'Applicable', matches: [match] },
    }),
  );
  if (answer.kind !== 'parsed') throw new Error('The sample does not parse.');
  await storeAnswer({ store, vault }, referenceNo, answer.answer, 'digest', at);

  const difference = amlDifference([], answer.answer.aml?.matches ?? [], referBy(vault, referenceNo));
  const summary = summarise(difference, []);
  const because = {
    kind: 'aml' as const,
    changeId: 'turn:1',
    fromVersion: 0,
    toVersion: 1,
    digest: 'd',
    summary,
    showing: 'shown' as const,
  };
  const context = caseContext();
  const identity = { caseId, kind: 'aml' as const, referenceNo, journeyId };
  const opened = openCase(identity, { because, detectedAt: at }, context, at);
  if (opened === null) throw new Error('The finding opens no case.');
  const sealed = await vault.seal(referenceNo, difference);
  await recordPolicy(store, DEFAULT_POLICY, new Date(at));
  if (customer === undefined)
    await store.profiles.insertOne(newProfileRow(referenceNo, undefined, at, DEFAULT_POLICY));
  await store.transaction(`customer:${referenceNo}`, async (session) => {
    const profile = await store.profiles.findOne({ _id: referenceNo }, { session });
    if (profile === null) throw new Error('The profile is gone.');
    const written = await writeCaseTurn(
      { store, context, mailRules: { recipients: [] }, policyVersion: policyVersion(DEFAULT_POLICY) },
      session,
      {
        before: null,
        case: opened.case,
        effects: opened.effects,
        sealed: { differences: { 1: sealed } },
        cause: { kind: 'fetch', id: 'turn:1' },
        at,
      },
    );
    const earlier = Array.from({ length: earlierRecords }, (_, number) => auditEntry(referenceNo, number));
    await appendAudit(store, session, profile, [...earlier, ...written.audit]);
  });
  return { caseId, referenceNo, journeyId };
}
