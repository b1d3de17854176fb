// A process id alone says little: ids are used again. Together with the time at which the process started
// (and the boot it belongs to) it names one process for good.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * The start time of a process, as an opaque text that differs for another process with the same id.
 * Returns null when there is no such process (a zombie counts as none: it holds no port and no file).
 */
export function processStartTime(pid) {
  if (process.platform === 'linux') return linuxStartTime(pid);
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.trim() || null;
  } catch {
    return null;
  }
}

/** Takes `{pid, startTime}`, returns whether exactly that process still runs. */
export function isSameProcess({ pid, startTime }) {
  return startTime !== null && processStartTime(pid) === startTime;
}

/** The identity of this very process. */
export function ownIdentity() {
  return { pid: process.pid, startTime: processStartTime(process.pid) };
}

function linuxStartTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name is in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${bootId()}/${fields[19]}`;
  } catch {
    return null;
  }
}

function bootId() {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown-boot';
  }
}
