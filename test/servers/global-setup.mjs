// One MongoDB and one Temporal for all test files of a run; their addresses come to the tests as environment.
import { readdirSync } from 'node:fs';
import compileSetup from './compile-setup.mjs';

const HISTORIES = new URL('../histories/', import.meta.url);

export default async function globalSetup() {
  await compileSetup();
  const { startTestServers } = await import('../../dist/tools/test/servers.js');
  const servers = await startTestServers((line) => console.error(line));
  Object.assign(process.env, servers.environment);
  // One recording per run, whichever test files add to it.
  if (process.env.RECORD_HISTORIES === '1') process.env.TEST_RECORDING = String(nextRecording());
  globalThis.__testServers = servers;
}

function nextRecording() {
  return 1 + Math.max(0, ...readdirSync(HISTORIES).map(Number).filter(Number.isInteger));
}
