import { existsSync, renameSync } from 'node:fs';

const KEPT = 3;

/** Makes room for a new log: `x.log` becomes `x.log.1`, and so on; three old ones are kept. */
export function rotateLog(path: string): void {
  for (let number = KEPT - 1; number >= 0; number -= 1) {
    const from = number === 0 ? path : `${path}.${number}`;
    if (existsSync(from)) renameSync(from, `${path}.${number + 1}`);
  }
}
