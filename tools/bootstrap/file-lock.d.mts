import type { ProcessIdentity } from './process-identity.mjs';

export function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options?: { onWait?: (pid: number) => void },
): Promise<T>;
export function tryLock(path: string): { outcome: 'locked' } | { outcome: 'held'; holder: ProcessIdentity };
