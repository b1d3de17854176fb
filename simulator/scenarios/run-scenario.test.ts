import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SimulatorControl } from '../control-client.js';
import { type RunningSimulator, startSimulator } from '../simulator.js';
import { runScenario, scenarios } from './run-scenario.js';
import type { TimelineEntry } from './timeline.js';

let simulator: RunningSimulator;
let service: Server;
let api: string;
let timeline: TimelineEntry[];

// A service that registers customers and then never does anything: what a scenario must not take for success.
beforeEach(async () => {
  timeline = [];
  simulator = await startSimulator();
  service = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer the-key') {
      response.writeHead(401).end('{"code":"unauthorized"}');
      return;
    }
    const view = { status: 'created', access: 'none', reason: null, nextSteps: [], journeys: [], version: 1 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ referenceNo: 'customer/1', ...view }));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await simulator.stop();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

const surroundings = (apiKey = 'the-key') => ({
  api,
  simulator: simulator.url,
  apiKey,
  deadlineMs: 300,
  report: (entry: TimelineEntry) => timeline.push(entry),
});

test.each(scenarios.map((scenario) => scenario.name))(
  '%s fails against a service that does nothing, says why, and leaves no fault behind',
  async (name) => {
    const result = await runScenario(name, surroundings());
    expect(result).toMatchObject({ name, ok: false });
    expect(result.failure).toContain('expected in_progress (access none) within 0.');
    expect(result.failure).toContain('but our API says created (access none)');
    expect(timeline.at(-1)).toMatchObject({ kind: 'failed', text: result.failure });
    const control = new SimulatorControl(simulator.url);
    expect((await control.call('GET', '/sim/faults')).faults).toEqual([]);
  },
);

test('a refusal of the API is told at once, with its answer', async () => {
  const result = await runScenario('approved', { ...surroundings('wrong'), deadlineMs: 60_000 });
  expect(result.failure).toContain('POST /v1/verifications was refused: 401 {"code":"unauthorized"}');
});

test('a scenario that does not exist is an error', async () => {
  await expect(runScenario('nonsense', surroundings())).rejects.toThrow('there is no scenario nonsense');
});
