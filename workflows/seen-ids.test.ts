import { describe, expect, test } from '@jest/globals';
import { createSeenIds } from './seen-ids.js';

describe('ids that were seen', () => {
  test('are known again by the next run, which gets nothing but the list', () => {
    const carried: string[] = [];
    createSeenIds(carried).add('event-1');
    const next = createSeenIds(JSON.parse(JSON.stringify(carried)) as string[]);
    expect(next.has('event-1')).toBe(true);
    expect(next.has('event-2')).toBe(false);
  });

  test('are the latest five hundred, so that a customer of many years carries no more than one of a few', () => {
    const carried: string[] = [];
    const seen = createSeenIds(carried);
    for (let number = 1; number <= 5_000; number += 1) seen.add(`event-${number}`);
    expect(carried).toHaveLength(500);
    expect([seen.has('event-4500'), seen.has('event-4501'), seen.has('event-5000')]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
