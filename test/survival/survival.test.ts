import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { type ScenarioResult, scenarios } from '../../simulator/scenarios/run-scenario.js';
import { restartDelayMs } from '../../tools/start/supervised-child.js';
import { discrepancies, type Ledger, settledLedger, summary } from '../end-to-end/ledger.js';
import { type Mailbox, startMailbox } from '../end-to-end/mailbox.js';
import { kill9, type Product, startProduct } from '../end-to-end/product.js';
import { type OwnMongod, startOwnMongod } from '../intake/own-mongod.js';
import { type OwnTemporal, startOwnTemporal } from './own-temporal.js';
import { startWave, type Wave } from './wave.js';

interface Mortal {
  kill(): Promise<void>;
  revive(): Promise<void>;
}

/** API, worker, Temporal, MongoDB, and all four together. */
const KILLS = 5;

/**
 * Every server is killed, each in the middle of a wave of customers of its own, while those of the waves before
 * are still on their way. Nothing of what is asserted afterwards depends on where exactly a kill struck.
 */
describe('kill -9 of API, worker, Temporal and MongoDB, and of all at once, each in the middle of every story', () => {
  let mongod: OwnMongod;
  let temporal: OwnTemporal;
  let mailbox: Mailbox;
  let product: Product;
  let results: ScenarioResult[] = [];
  let ledger: Ledger;
  const openAtKill: number[] = [];

  beforeAll(async () => {
    [mongod, temporal, mailbox] = await Promise.all([startOwnMongod(), startOwnTemporal(), startMailbox()]);
    product = await startProduct({
      mongodbUri: mongod.uri,
      temporalAddress: temporal.address,
      // IDWise's retries after 9, 18 and 27 s.
      simulator: { customStepId: '90', retryScale: 0.03 },
      environment: { SMTP_URL: mailbox.smtpUrl, IDWISE_CUSTOM_STEP_ID: '90' },
    });
    const servers: Mortal[] = [
      {
        kill: () => kill9(product.processes.apis[0]),
        revive: () => product.startApi(0),
      },
      {
        kill: () => kill9(product.processes.workers.at(-1)),
        revive: () => product.startWorker(),
      },
      { kill: () => temporal.kill(), revive: () => temporal.restart() },
      { kill: () => mongod.kill(), revive: () => mongod.restart() },
    ];
    const waves: Wave[] = [];
    for (const victims of [...servers.map((server) => [server]), servers]) {
      const wave = startWave(product, product.apiUrl, mailbox);
      waves.push(wave);
      openAtKill.push(await inTheMiddle(wave));
      await Promise.all(victims.map(({ kill }) => kill()));
      await pause(restartDelayMs(0));
      await Promise.all(victims.map(({ revive }) => revive()));
    }
    results = (await Promise.all(waves.map((wave) => wave.ended))).flat();
    ledger = await settledLedger(product, mailbox.mails);
    process.stderr.write(`      kills survived by ${summary(ledger)}\n`);
  });

  afterAll(async () => {
    if (product !== undefined) await product.stop();
    await Promise.all([temporal?.remove(), mongod?.remove(), mailbox?.close()]);
  });

  /** Resolves in a moment at which several stories have begun and events are on their way, with how many. */
  async function inTheMiddle(wave: Wave): Promise<number> {
    for (;;) {
      if (wave.isOver()) throw new Error('The wave was over before anything could be killed');
      const open = await product.store.inbox.countDocuments({ state: { $in: ['received', 'signalled'] } });
      if (wave.isUnderWay() && open > 0) return open;
      await pause(50);
    }
  }

  test('strikes while events are on their way, and every story still ends as it should', () => {
    expect(openAtKill.map((open) => open > 0)).toEqual(Array.from({ length: KILLS }, () => true));
    expect(results.filter((result) => !result.ok)).toEqual([]);
    expect(results).toHaveLength(KILLS * scenarios.length);
  });

  test('loses no event, applies none twice, and tells nobody anything twice or untrue', () => {
    expect(discrepancies(ledger)).toEqual([]);
  });

  test('fails no workflow', async () => {
    const connection = await Connection.connect({ address: temporal.address });
    const { count } = await new Client({ connection }).workflow.count(
      'ExecutionStatus IN ("Failed", "TimedOut", "Terminated", "Canceled")',
    );
    await connection.close();
    expect(count).toBe(0);
  });
});
