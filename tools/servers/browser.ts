// The browser that the tests of the desk and its pictures drive: the machine's own Chromium. Nothing is downloaded; a
// machine without one runs everything else.

import { accessSync, constants } from 'node:fs';
import { findOnPath } from './command.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * Takes an environment; returns the program that CHROMIUM_PATH names, else the first that is on PATH, else null.
 *
 * @throws when CHROMIUM_PATH names what cannot be run: who names a browser wants that one
 */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | null {
  const named = environment['CHROMIUM_PATH'] ?? '';
  if (named !== '') {
    try {
      accessSync(named, constants.X_OK);
      return named;
    } catch {
      throw new Error(`CHROMIUM_PATH names ${named}, which cannot be run.`);
    }
  }
  for (const name of NAMES) {
    const path = findOnPath(name, environment['PATH']);
    if (path !== null) return path;
  }
  return null;
}

/** Takes the program; returns how it is launched. Chromium's sandbox does not work for root, and only then is it off. */
export function chromiumLaunch(executablePath: string): { executablePath: string; chromiumSandbox: boolean } {
  return { executablePath, chromiumSandbox: process.getuid?.() !== 0 };
}
