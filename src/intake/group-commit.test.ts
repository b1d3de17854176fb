import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../test/eventually.js';
import { createGroupCommit, GROUP_COMMIT_LIMITS } from './group-commit.js';
import { appInboxRow } from './inbox-row.js';
import type { RowOutcome } from './insert-rows.js';

interface Write {
  readonly rows: number;
  /** Has MongoDB answer. */
  answer(): void;
}

/** A group commit over a MongoDB that answers when it is told to. */
function commitOver(limits: Partial<typeof GROUP_COMMIT_LIMITS> = {}) {
  const writes: Write[] = [];
  const commit = createGroupCommit(
    (rows) =>
      new Promise<readonly RowOutcome[]>((resolve) => {
        writes.push({ rows: rows.length, answer: () => resolve(rows.map(() => 'inserted')) });
      }),
    { ...GROUP_COMMIT_LIMITS, ...limits },
  );
  const add = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        commit.add(appInboxRow({ kind: 'registered' }, 'ref-1', new Date()), 100),
      ),
    );
  const begun = (count: number) =>
    eventually(`write ${count}`, () => (writes.length >= count ? true : undefined));
  return { commit, add, writes, begun };
}

const inserted = (count: number) => Array.from({ length: count }, () => 'inserted');

describe('rows that arrive while a write is under way', () => {
  test('share the next one', async () => {
    // Nothing is slow here, whatever the machine does meanwhile.
    const { commit, add, writes, begun } = commitOver({ slowWriteMs: 60_000 });
    const first = add(3);
    await begun(1);
    const later = [add(2), add(4)];
    writes[0]?.answer();
    expect(await first).toEqual(inserted(3));
    await begun(2);
    writes[1]?.answer();
    expect((await Promise.all(later)).flat()).toEqual(inserted(6));
    expect([writes.map(({ rows }) => rows), commit.pending()]).toEqual([[3, 6], 0]);
  });

  test('do not wait for one that is slow, nor does a third write begin beside two', async () => {
    const { commit, add, writes, begun } = commitOver({ slowWriteMs: 5 });
    const slow = add(1);
    await begun(1);
    const second = add(2);
    await begun(2);
    const third = add(3);
    writes[1]?.answer();
    expect(await second).toEqual(inserted(2));
    await begun(3);
    const fourth = add(4);
    writes[2]?.answer();
    expect(await third).toEqual(inserted(3));
    await begun(4);
    expect(commit.pending()).toBe(5);
    for (const write of writes) write.answer();
    expect([await slow, await fourth]).toEqual([inserted(1), inserted(4)]);
    expect([writes.map(({ rows }) => rows), commit.pending()]).toEqual([[1, 2, 3, 4], 0]);
  });

  test('are all written where the one beside the slow write is done first and more wait', async () => {
    const { add, writes, begun } = commitOver({ slowWriteMs: 5, mostRowsPerWrite: 2 });
    const all = add(8);
    for (let count = 1; count <= 4; count += 1) {
      await begun(count);
      // The first one stays slow until the others are done.
      if (count > 1) writes[count - 1]?.answer();
    }
    writes[0]?.answer();
    expect(await all).toEqual(inserted(8));
  });
});

test('a row that is not durable in time has failed, whatever the write comes to', async () => {
  const { add, writes, begun } = commitOver({ deadlineMs: 20 });
  const rows = add(1);
  await begun(1);
  expect(await rows).toEqual(['failed']);
  writes[0]?.answer();
});
