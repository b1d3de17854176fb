import { describe, expect, test } from '@jest/globals';
import { createReportLimit } from './report-limit.js';

describe("the limit on an app's reports", () => {
  test('lets a burst of 30 through, then one every two seconds, for each verification by itself', () => {
    const limit = createReportLimit();
    const taken = Array.from({ length: 40 }, () => limit.takes('one', 1_000)).filter((takes) => takes);
    expect(taken).toHaveLength(30);
    expect(limit.takes('other', 1_000)).toBe(true);
    expect(limit.takes('one', 2_999)).toBe(false);
    expect(limit.takes('one', 3_000)).toBe(true);
    expect(limit.takes('one', 3_000)).toBe(false);
    expect(limit.takes('one', 600_000)).toBe(true);
  });
});
