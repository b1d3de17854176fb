/**
 * How often one verification's app may report. Each report is stored and causes a call to IDWise, whose rate all
 * customers share; so without a limit one customer's token could keep everybody else waiting. What an app really
 * reports are a few callbacks per attempt. Per process, which is enough for a bound.
 */
export interface ReportLimit {
  /** Takes a reference number and the time in milliseconds; returns false where there were too many reports. */
  takes(referenceNo: string, nowMs: number): boolean;
}

const MOST_AT_ONCE = 30;
const ONE_MORE_AFTER_MS = 2_000;
const MOST_REMEMBERED = 10_000;

/** Returns a limit under which nobody has reported yet. */
export function createReportLimit(): ReportLimit {
  /** When the reports that were taken will be forgotten; a moment in the past means that there are none. */
  const forgottenAtMs = new Map<string, number>();

  function forgetPast(nowMs: number): void {
    for (const [referenceNo, atMs] of forgottenAtMs) if (atMs <= nowMs) forgottenAtMs.delete(referenceNo);
  }

  return {
    takes: (referenceNo, nowMs) => {
      const next = Math.max(forgottenAtMs.get(referenceNo) ?? 0, nowMs) + ONE_MORE_AFTER_MS;
      if (next - nowMs > MOST_AT_ONCE * ONE_MORE_AFTER_MS) return false;
      if (forgottenAtMs.size >= MOST_REMEMBERED) forgetPast(nowMs);
      forgottenAtMs.set(referenceNo, next);
      return true;
    },
  };
}
