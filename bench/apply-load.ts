import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../tools/servers/project-root.js';
import type { LoadFindings, LoadOrder } from './load-generator.js';

/** Takes an order; runs the load generator in a process of its own and returns what it found. */
export function applyLoad(order: LoadOrder): Promise<LoadFindings> {
  const script = join(projectRoot, 'dist/bench/load-generator.js');
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(output) as LoadFindings);
      else reject(new Error(`The load generator ended with code ${code}`));
    });
  });
}

/** Takes numbers; returns their median, 0 where there are none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}
