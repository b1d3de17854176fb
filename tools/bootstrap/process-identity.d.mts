export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string | null;
}
export function processStartTime(pid: number): string | null;
export function isSameProcess(identity: ProcessIdentity): boolean;
export function ownIdentity(): ProcessIdentity;
