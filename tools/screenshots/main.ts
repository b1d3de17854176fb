// `npm run screenshots`: brings the product up on servers of its own, plays a few cases through the real interfaces, and
// photographs the desk into docs/images. Data, ports and keys are new each time and gone afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumLaunch, findChromium } from '../servers/browser.js';
import { projectRoot } from '../servers/project-root.js';
import { lastLogLines, startServerProcess, waitUntilReady } from '../servers/server-process.js';
import { readDemoEnv } from '../start/demo-env-file.js';
import { ownEnvironment } from '../start/own-environment.js';
import { readRunRecord } from '../start/run-record.js';
import { playCases } from './cases.js';
import { takePictures } from './pictures.js';

/** A first start may have to obtain its servers. */
const READY_WITHIN_MS = 900_000;
const STOP_WITHIN_MS = 20_000;

const program = findChromium();
if (program === null) {
  console.error('No Chromium was found. Install one, or name it with CHROMIUM_PATH.');
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'screenshots-'));
const logPath = join(folder, 'start.log');
console.log('Bringing the product up …');
const start = await startServerProcess({
  name: 'npm start',
  command: process.execPath,
  args: [join(projectRoot, 'tools/start.mjs'), '--empty'],
  env: await ownEnvironment(folder),
  cwd: projectRoot,
  logPath,
});
try {
  const addresses = () => readRunRecord(join(folder, 'run.json'))?.addresses ?? {};
  const problem = await waitUntilReady(start, async () => addresses()['api'] !== undefined, READY_WITHIN_MS);
  if (problem !== null) throw new Error(`${problem}. Its last lines:\n${lastLogLines(logPath)}`);
  const { api = '', simulator = '', mailUi = '' } = addresses();
  console.log('Playing the cases …');
  const cases = await playCases({
    apiUrl: api,
    simulatorUrl: simulator,
    mailUrl: mailUi,
    apiKey: readDemoEnv(join(folder, 'demo.env'))['API_KEYS'] ?? '',
  });
  const browser = await chromium.launch(chromiumLaunch(program));
  try {
    const taken = await takePictures(browser, `${api}/desk`, cases, join(projectRoot, 'docs/images'));
    console.log(taken.map((path) => `Written: ${path}`).join('\n'));
  } finally {
    await browser.close();
  }
} finally {
  await start.stop(STOP_WITHIN_MS);
  rmSync(folder, { recursive: true, force: true });
}
