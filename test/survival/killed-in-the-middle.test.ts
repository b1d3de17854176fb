import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runScenario, type ScenarioResult } from '../../simulator/scenarios/run-scenario.js';
import { parseDemoEnv } from '../../tools/start/demo-env-file.js';
import { ownEnvironment } from '../../tools/start/own-environment.js';
import { eventually, PATIENCE_MS } from '../eventually.js';
import { RunningStart } from '../start/running-start.js';

// Those without faults of the simulator's own: a fault would strike the other customers too.
const STORIES = ['approved', 'rejected', 'review-approved', 'redo', 'government-face', 'aml-hit'];
const CUSTOMERS_PER_STORY = 2;
const KILLS = [
  ['api'],
  ['worker'],
  ['temporal'],
  ['mongod'],
  ['worker', 'api'],
  ['mongod', 'temporal', 'worker', 'api'],
];

interface CompanyEvent {
  readonly webhookId: string;
  readonly verified: boolean;
  readonly body: { readonly data: { referenceNo: string; status: string; access: string; version: number } };
}

interface Mail {
  readonly messageId: string;
  readonly subject: string;
}

describe('kill -9 of API, worker, Temporal and MongoDB in the middle of journeys', () => {
  let folder = '';
  let start: RunningStart;
  let addresses: Readonly<Record<string, string>> = {};
  let results: ScenarioResult[] = [];
  let events: CompanyEvent[] = [];
  const killed = new Set<string>();

  const list = async (address: string | undefined, path: string): Promise<unknown> =>
    await (await fetch(`${address}${path}`)).json();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'idwise-kill-'));
    // IDWise's patience is scaled so that it outlasts the restarts on a busy machine too, as its half-hour does in life.
    start = RunningStart.launch({ ...(await ownEnvironment(folder)), SIM_RETRY_SCALE: '0.05' });
    await start.says('npm run simulate -- approved');
    addresses = start.record().addresses;
    const apiKey = parseDemoEnv(readFileSync(join(folder, 'demo.env'), 'utf8')).API_KEYS ?? '';

    let steps = 0;
    let playing = true;
    const around = {
      api: addresses.api ?? '',
      simulator: addresses.simulator ?? '',
      mail: addresses.mailUi ?? null,
      apiKey,
      deadlineMs: PATIENCE_MS,
      report: () => {
        steps += 1;
      },
    };
    const casts = STORIES.flatMap((story) => Array.from({ length: CUSTOMERS_PER_STORY }, () => story));
    const played = Promise.all(casts.map((story) => runScenario(story, around))).finally(() => {
      playing = false;
    });
    for (const names of KILLS) {
      // Only after some progress, so that each kill meets the journeys somewhere else.
      const before = steps;
      await eventually(
        `progress before killing ${names.join(', ')}`,
        () => steps > before + 3 || !playing || undefined,
      );
      if (!playing) break;
      await start.killsAndRecovers(names);
      for (const name of names) killed.add(name);
    }
    results = await played;
    const answer = (await list(addresses.simulator, '/sim/company/events')) as { events: CompanyEvent[] };
    events = answer.events;
  });

  afterAll(async () => {
    start.signal('SIGTERM');
    await start.end();
    rmSync(folder, { recursive: true, force: true });
  });

  test('every journey ends where it should', () => {
    // Each was killed while journeys were under way: otherwise nothing is proved.
    expect([...killed].sort()).toEqual(['api', 'mongod', 'temporal', 'worker']);
    expect(results.filter((result) => !result.ok)).toEqual([]);
    expect(results).toHaveLength(STORIES.length * CUSTOMERS_PER_STORY);
  });

  test('every event of IDWise was taken in the end', async () => {
    const all = async () =>
      ((await list(addresses.simulator, '/sim/deliveries')) as { deliveries: { state: string }[] })
        .deliveries;
    // A journey may be where it should be before IDWise tries again with the last event about it.
    let underWay = -1;
    await eventually(
      () => `IDWise is done with ${underWay} deliveries`,
      async () => {
        underWay = (await all()).filter(({ state }) => state === 'pending').length;
        return underWay === 0 || undefined;
      },
    );
    const deliveries = await all();
    expect(deliveries.length).toBeGreaterThan(0);
    expect(deliveries.filter((delivery) => delivery.state !== 'delivered')).toEqual([]);
  });

  test('the company is told each version under one webhook-id, each id one version, and no status twice in a row', () => {
    expect(events.length).toBeGreaterThan(0);
    expect(events.every((event) => event.verified)).toBe(true);
    const idsOfVersion = new Map<string, Set<string>>();
    const versionsOfId = new Map<string, Set<string>>();
    for (const { webhookId, body } of events) {
      const version = `${body.data.referenceNo} version ${body.data.version}`;
      idsOfVersion.set(version, (idsOfVersion.get(version) ?? new Set()).add(webhookId));
      versionsOfId.set(webhookId, (versionsOfId.get(webhookId) ?? new Set()).add(version));
    }
    expect([...idsOfVersion].filter(([, ids]) => ids.size > 1)).toEqual([]);
    expect([...versionsOfId].filter(([, versions]) => versions.size > 1)).toEqual([]);
    expect(repeatedStatuses(events)).toEqual([]);
  });

  test('compliance gets one message about each AML change, and none twice under two Message-IDs', async () => {
    const mails = (await list(addresses.mailUi, '/api/email')) as Mail[];
    const idsOfSubject = new Map<string, Set<string>>();
    for (const { subject, messageId } of mails) {
      idsOfSubject.set(subject, (idsOfSubject.get(subject) ?? new Set()).add(messageId));
    }
    const ofAml = [...idsOfSubject.keys()].filter((subject) => subject.startsWith('[AML]'));
    expect(ofAml).toHaveLength(CUSTOMERS_PER_STORY);
    expect([...idsOfSubject].filter(([, ids]) => ids.size > 1)).toEqual([]);
  });
});

/** Changes by version that change neither status nor access: told although nothing happened. */
function repeatedStatuses(events: readonly CompanyEvent[]): string[] {
  const customers = new Map<string, Map<number, string>>();
  for (const { body } of events) {
    const { referenceNo, version, status, access } = body.data;
    customers.set(referenceNo, (customers.get(referenceNo) ?? new Map()).set(version, `${status}/${access}`));
  }
  return [...customers].flatMap(([referenceNo, versions]) => {
    const inOrder = [...versions].sort(([a], [b]) => a - b).map(([, status]) => status);
    return inOrder
      .filter((status, index) => index > 0 && status === inOrder[index - 1])
      .map((s) => `${referenceNo}: ${s}`);
  });
}
