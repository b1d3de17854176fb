// run.json: which processes this start has brought up, so that the next one can clear up after a kill -9, and where
// they can be reached, for commands in another terminal.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isSameProcess, type ProcessIdentity } from '../bootstrap/process-identity.mjs';
import { signalGroup } from '../servers/server-process.js';

export interface RecordedChild extends ProcessIdentity {
  readonly name: string;
  /** Databases end after those that write to them. */
  readonly last: boolean;
}

export interface RunRecord {
  readonly supervisor: ProcessIdentity;
  readonly children: readonly RecordedChild[];
  /** By name: `api`, `simulator`, `temporalUi`, `mailUi`, …; empty until everything is ready. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** The record at a path, or null when there is none (or half of one, after a full disk). */
export function readRunRecord(path: string): RunRecord | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
  } catch {
    return null;
  }
}

export function writeRunRecord(path: string, record: RunRecord): void {
  writeFileSync(`${path}.new`, JSON.stringify(record, null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Those children of a record that still run: same id and same start time, so never a stranger with a reused id. */
export function leftoversOf(record: RunRecord | null): RecordedChild[] {
  return (record?.children ?? []).filter(isSameProcess);
}

/** Ends processes with their groups: SIGTERM, after `graceMs` SIGKILL; databases last. Returns when they are gone. */
export async function endLeftovers(leftovers: readonly RecordedChild[], graceMs: number): Promise<void> {
  for (const last of [false, true]) {
    const group = leftovers.filter((child) => child.last === last);
    await endAll(group, 'SIGTERM', graceMs);
    await endAll(group, 'SIGKILL', graceMs);
  }
}

async function endAll(
  children: readonly RecordedChild[],
  signal: NodeJS.Signals,
  limitMs: number,
): Promise<void> {
  for (const child of children.filter(isSameProcess)) signalGroup(child.pid, signal);
  const giveUpAtMs = Date.now() + limitMs;
  while (children.some(isSameProcess) && Date.now() < giveUpAtMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
