import { expect, test } from '@jest/globals';
import { journeyId, referenceNo } from './schemas.js';

test('a journey id holds what can stand in a path, and is no dots alone', () => {
  for (const id of ['a', '0193-ab_c', 'a.b', '..a', 'A:1~2'])
    expect(journeyId.safeParse(id).success).toBe(true);
  for (const id of ['', '.', '..', '...', 'a/b', 'a b', 'ä', 'a'.repeat(129)])
    expect(journeyId.safeParse(id).success).toBe(false);
});

test.each([
  ['journeyId', journeyId],
  ['referenceNo', referenceNo],
])('what is too long for a %s is refused for that alone: nothing reads its characters', (_name, schema) => {
  const read = schema.safeParse(`${'a'.repeat(60_000)}!`);
  expect(read.error?.issues.map(({ code }) => code)).toEqual(['too_big']);
});
