import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SimulatorControl } from '../../simulator/control-client.js';
import { type RunningSimulator, startSimulator } from '../../simulator/simulator.js';
import { idwiseCheck } from '../../src/cli/idwise-check.js';
import type { ServiceConfig } from '../../src/config/service-config.js';
import { createIdwiseClient } from '../../src/idwise/client.js';
import { until } from '../eventually.js';
import { idwiseConfig } from './http-edge.js';

let simulator: RunningSimulator;
let control: SimulatorControl;
let journeyId: string;
let lines: string[];

beforeAll(async () => {
  simulator = await startSimulator({ apiKey: 'key', apiSecret: 'secret', flowId: 'flow-1', processingMs: 1 });
  control = new SimulatorControl(simulator.url);
  journeyId = await control.startJourney({
    referenceNo: 'ref-1',
    person: { firstName: 'Zoe', lastName: 'Testperson', personalNumber: '784-1960', birthDate: '1960-05-12' },
  });
  await control.finish(journeyId);
  await until(async () => (await control.journey(journeyId))['phase'] === 'finished');
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  lines = [];
  await control.call('PUT', '/sim/settings', { summaryLimit: false });
});

const check = (changes: Partial<ServiceConfig['idwise']> = {}, id = journeyId) =>
  idwiseCheck({
    client: createIdwiseClient({ ...idwiseConfig(simulator.url), ...changes }),
    journeyId: id,
    flowId: changes.flowId ?? 'flow-1',
    print: (line) => lines.push(line),
  });
const printed = () => lines.join('\n');

test('a rightly configured account has no problem, and nothing of the person is printed', async () => {
  expect(await check()).toBe(0);
  expect(printed()).toContain('OK       credentials');
  for (const endpoint of ['getJourney', 'getSummary', 'getImage', 'getAmlHistory']) {
    expect(printed()).toMatch(new RegExp(`OK +${endpoint}`));
  }
  expect(printed()).not.toMatch(/Zoe|Testperson|784-1960|1960-05-12/i);
});

test('what would change something is listed with its URL and never called', async () => {
  await check();
  expect(printed()).toContain(`PUT ${simulator.url}/checks/aml/{journeyId}/whitelist`);
  expect(printed()).toContain(`POST ${simulator.url}/journey/v2/complete-custom-step`);
  expect(await control.callCount(journeyId, 'complete-custom-step')).toBe(0);
  expect((await createIdwiseClient(idwiseConfig(simulator.url)).getJourney(journeyId)).kind).toBe('ok');
});

test('wrong credentials name the variables', async () => {
  expect(await check({ apiSecret: 'wrong' })).toBeGreaterThan(0);
  expect(printed()).toContain('PROBLEM  credentials');
  expect(printed()).toContain('IDWISE_API_KEY');
  expect(printed()).not.toContain('wrong');
});

test('one wrong path names its key of IDWISE_PATHS_FILE', async () => {
  expect(await check({ pathOverrides: { getJourney: '/journey/v9/{journeyId}' } })).toBe(1);
  expect(printed()).toContain('override "getJourney" in the file that IDWISE_PATHS_FILE names');
  lines = [];
  expect(await check({ pathOverrides: { getImage: '/pictures/{imagePath}' } })).toBe(1);
  expect(printed()).toContain('override "getImage"');
});

test('another flow names IDWISE_FLOW_ID', async () => {
  expect(await check({ flowId: 'another' })).toBe(1);
  expect(printed()).toContain('IDWISE_FLOW_ID');
});

test('an address at which something else answers tells nothing about the credentials', async () => {
  const stranger = createServer(
    (_request, response) => void response.writeHead(404).end('<h1>Not here</h1>'),
  );
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  const { port } = stranger.address() as AddressInfo;
  expect(await check({ baseUrl: `http://127.0.0.1:${port}` })).toBe(2);
  expect(printed()).toContain('unknown  credentials');
  await new Promise((resolve) => stranger.close(resolve));
});

test('a journey that is not known, and an address where nobody listens, are told apart', async () => {
  expect(await check({}, 'no-such-journey')).toBe(2);
  expect(printed()).toContain('does not know this journey');
  expect(printed()).toContain('OK       credentials');
  lines = [];
  expect(await check({ baseUrl: 'http://127.0.0.1:1' })).toBe(2);
  expect(printed()).toContain('mend IDWISE_BASE_URL');
});
