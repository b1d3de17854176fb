// One MongoDB and one Temporal for all test files of a run; their addresses come to the tests as environment.
import compileSetup from './compile-setup.mjs';

export default async function globalSetup() {
  await compileSetup();
  const { startTestServers } = await import('../../dist/tools/test/servers.js');
  const servers = await startTestServers((line) => console.error(line));
  Object.assign(process.env, servers.environment);
  globalThis.__testServers = servers;
}
