// The environment of a stack that stands apart from whatever else runs on this machine, or is set for it.

import { freePort } from '../servers/ports.js';
import { PORT_VARIABLES } from './settings.js';

/** What a stack needs of the machine: where programs are, and where obtained ones are kept. */
const INHERITED = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TMPDIR', 'MONGOD_BIN', 'TEMPORAL_CLI'];

/** Takes the data folder; returns an environment: every port free at this moment, nothing of the developer's own settings. */
export async function ownEnvironment(dataFolder: string): Promise<Record<string, string>> {
  const ports: Record<string, string> = {};
  for (const { variable } of Object.values(PORT_VARIABLES)) {
    ports[variable] = String(await freePort());
  }
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), ...ports, DATA_DIR: dataFolder, SIM_RETRY_SCALE: '0.002' };
}
