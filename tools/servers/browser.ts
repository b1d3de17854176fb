// A browser for the tests of the pages: one that is on the machine. None is downloaded.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Returns the path of `CHROMIUM_BIN`, or of a Chromium on the PATH; null where there is none. */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env.CHROMIUM_BIN;
  if (named !== undefined && named !== '') return named;
  const folders = (env.PATH ?? '').split(delimiter);
  const found = folders
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  return found ?? null;
}
