// Programs that the bootstrap runs to their end (npm, compilers), which must not go on when it is told to stop.

import { spawn } from 'node:child_process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Starts a program as `spawn` does. A signal that would end this process is passed on to it first, and ends this process as
 * soon as the program has ended: a build lock that is free then is free of whoever held it.
 */
export function spawnBound(command, args, options) {
  const child = spawn(command, args, options);
  let received = null;
  const pass = (signal) => {
    received = signal;
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  const over = () => {
    for (const signal of SIGNALS) process.removeListener(signal, pass);
    if (received !== null) process.kill(process.pid, received);
  };
  child.once('error', over);
  child.once('close', over);
  return child;
}
