import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import type { Store } from '../../src/store/store.js';
import { createTakeCustomerTurn } from '../../src/usecases/take-customer-turn.js';
import { FLOW_ID, journeySnapshot } from '../builders/journey-snapshot.js';
import { openOwnDatabase } from '../builders/own-database.js';

let store: Store;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());

const at = '2026-11-23T10:00:00.000Z';

/** Nobody is told: these tests are about the customer's own record. */
const NO_CASES = async () => ({ audit: [], mails: [], caseIds: [] });

describe('a turn that a fetched journey takes to the record', () => {
  test.each(['a.b', 'a.b.c', '$set', '$a.$b', '__proto__', 'constructor', '.', ''])(
    'is recorded with its details under the very id, which may be any text: %j',
    async (journeyId) => {
      const referenceNo = `ref-${randomUUID()}`;
      await store.profiles.insertOne(newProfileRow(referenceNo, undefined, at, DEFAULT_POLICY));
      const takeTurn = createTakeCustomerTurn({
        store,
        context: { policy: DEFAULT_POLICY, flowId: FLOW_ID, customStepConfigured: false },
        messageRules: { companyWebhook: false, webPush: false },
        tellCases: NO_CASES,
        onCaseChanged: () => undefined,
        onAlarm: () => {},
        onParked: () => {},
        onRequestFailed: () => {},
      });
      const take = (turn: number, id: string) =>
        takeTurn({
          referenceNo,
          turn,
          runId: 'run',
          at,
          input: {
            kind: 'look',
            journeyId: id,
            outcome: { kind: 'journey', snapshot: journeySnapshot({ journeyId: id }), fetchId: `f-${turn}` },
          },
        });
      expect(await take(1, journeyId)).toMatchObject({ kind: 'done', status: 'approved' });
      expect(await take(2, 'another')).toMatchObject({ kind: 'done' });
      const row = await store.profiles.findOne({ _id: referenceNo });
      expect(Object.entries(row?.details ?? {})).toEqual([
        [journeyId, 'f-1'],
        ['another', 'f-2'],
      ]);
    },
  );
});
