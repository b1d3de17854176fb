import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BuiltChain, builtChain } from '../../test/builders/audit-chains.js';
import { propertyRuns } from '../../test/builders/property-runs.js';
import { type AuditRecord, recordHash } from './audit-record.js';
import { type ChainToVerify, verifyChain } from './verify-chain.js';

const LENGTH = 6;
const whole = builtChain('ref-1', LENGTH);

function toVerify(chain: BuiltChain, changes: Partial<ChainToVerify> = {}): ChainToVerify {
  return {
    referenceNo: chain.referenceNo,
    records: chain.records,
    head: chain.head,
    attested: [],
    ...changes,
  };
}

function found(records: readonly AuditRecord[], changes: Partial<ChainToVerify> = {}): string[] {
  return verifyChain(toVerify(whole, { records, ...changes })).map(
    ({ kind, sequence }) => `${kind} ${sequence}`,
  );
}

/** Replaces record number `sequence`. */
function replaced(sequence: number, by: (record: AuditRecord) => AuditRecord): AuditRecord[] {
  return whole.records.map((record) => (record.sequence === sequence ? by(record) : record));
}

/** As somebody would who can write to the database and knows how hashes are made: every later hash made anew. */
function rewrittenFrom(sequence: number, change: (record: AuditRecord) => AuditRecord): AuditRecord[] {
  let hash = whole.records[sequence - 2]?.hash ?? '0'.repeat(64);
  return whole.records.map((record) => {
    if (record.sequence < sequence) return record;
    const changed = { ...(record.sequence === sequence ? change(record) : record), previousHash: hash };
    hash = recordHash(changed, hash);
    return { ...changed, hash };
  });
}

describe('a chain that nobody touched', () => {
  test('is whole, also where it is empty', () => {
    expect(verifyChain(toVerify(whole))).toEqual([]);
    expect(verifyChain(toVerify(builtChain('ref-2', 0)))).toEqual([]);
  });

  test('is whole where its first records were written before there was a chain', () => {
    const unhashed = whole.records.map(
      ({ hash: _hash, previousHash: _previous, ...record }) => record as AuditRecord,
    );
    const mixed = [...unhashed.slice(0, 3), ...whole.records.slice(3)];
    expect(found(mixed)).toEqual([]);
    expect(found(unhashed)).toEqual([]);
    expect(found(unhashed, { head: { sequence: LENGTH, hash: null } })).toEqual([]);
  });
});

describe('it is found, and where,', () => {
  test.each(Object.keys(whole.records[0] ?? {}).filter((name) => name !== 'sequence'))(
    'when the member %s of a record was edited',
    (name) => {
      const findings = found(replaced(3, (record) => ({ ...record, [name]: 'something else' })));
      expect(findings).toContain('edited 3');
    },
  );

  test('when a member was added to a record, or taken from it', () => {
    expect(found(replaced(3, (record) => ({ ...record, note: 'new' })))).toEqual(['edited 3']);
    expect(found(replaced(3, ({ actor: _actor, ...record }) => record as AuditRecord))).toEqual(['edited 3']);
  });

  test('when something deep inside a record was edited', () => {
    const edit = (record: AuditRecord) => ({
      ...record,
      to: { status: 'rejected', access: 'full', ground: 'verified' },
    });
    expect(found(replaced(4, edit))).toEqual(['edited 4']);
  });

  test('when an edited record was given a hash that fits it', () => {
    const edit = (record: AuditRecord) => {
      const edited = { ...record, actor: 'nobody' };
      return { ...edited, hash: recordHash(edited, String(record.previousHash)) };
    };
    expect(found(replaced(4, edit))).toEqual(['broken_link 5']);
    expect(found(replaced(LENGTH, edit))).toEqual([`head_differs ${LENGTH}`]);
  });

  test('when a record was removed from the beginning, the middle or the end', () => {
    const without = (sequence: number) => whole.records.filter((record) => record.sequence !== sequence);
    expect(found(without(1))).toEqual(['missing 1']);
    expect(found(without(4))).toEqual(['missing 4']);
    expect(found(without(LENGTH))).toEqual([`cut ${LENGTH}`]);
  });

  test('when records were removed and the later ones renumbered', () => {
    const renumbered = whole.records
      .filter((record) => record.sequence !== 3)
      .map((record) => (record.sequence > 3 ? { ...record, sequence: record.sequence - 1 } : record));
    expect(found(renumbered)).toEqual(expect.arrayContaining(['edited 3', 'broken_link 3', `cut ${LENGTH}`]));
  });

  test('when a record was inserted in the middle, beside another or at the end', () => {
    const inserted = { ...(whole.records[0] as AuditRecord), id: 'new' };
    const middle = [
      ...whole.records.slice(0, 3),
      { ...inserted, sequence: 4 },
      ...whole.records.slice(3).map((record) => ({ ...record, sequence: record.sequence + 1 })),
    ];
    expect(found(middle)).toEqual(expect.arrayContaining(['edited 4', 'broken_link 4']));
    const beside = [...whole.records.slice(0, 3), { ...inserted, sequence: 3 }, ...whole.records.slice(3)];
    expect(found(beside)).toContain('duplicate 3');
    const last = whole.records.at(-1) as AuditRecord;
    const next = { ...last, id: 'new', sequence: LENGTH + 1, previousHash: String(last.hash) };
    expect(found([...whole.records, { ...next, hash: recordHash(next, String(last.hash)) }])).toEqual([
      `beyond_head ${LENGTH + 1}`,
    ]);
  });

  test('when two records, or those of two customers, changed places', () => {
    const swapped = whole.records.map((record) =>
      record.sequence === 2
        ? { ...whole.records[2], sequence: 2 }
        : record.sequence === 3
          ? { ...whole.records[1], sequence: 3 }
          : record,
    ) as AuditRecord[];
    expect(found(swapped)).toEqual(expect.arrayContaining(['edited 2', 'edited 3']));
    const others = builtChain('ref-2', LENGTH).records.map((record) => ({ ...record, referenceNo: 'ref-1' }));
    expect(found(others)).toEqual(expect.arrayContaining(['edited 1', `edited ${LENGTH}`]));
  });

  test('when a record lost its hash, and when one from before the chain was edited', () => {
    const bare = ({ hash: _hash, previousHash: _previous, ...record }: AuditRecord) => record as AuditRecord;
    expect(found(replaced(4, bare))).toEqual(['unchained 4']);
    const earlier = whole.records.map((record) => (record.sequence <= 3 ? bare(record) : record));
    const edited = earlier.map((record) => (record.sequence === 2 ? { ...record, actor: 'nobody' } : record));
    expect(found(edited)).toEqual(['broken_link 4']);
  });

  test('when the profile is gone, or was set back', () => {
    expect(found(whole.records, { head: null })).toEqual([`no_profile ${LENGTH}`]);
    const back = { sequence: 2, hash: String(whole.records[1]?.hash) };
    expect(found(whole.records, { head: back })).toEqual(['beyond_head 3']);
  });
});

describe('with a checkpoint it is found, and where, although the profile was changed to fit,', () => {
  const attested = [2, 4].map((sequence, index) => ({
    sequence,
    hash: String(whole.records[sequence - 1]?.hash),
    checkpoint: index + 1,
  }));

  test('when the end was cut off', () => {
    const kept = whole.records.slice(0, 3);
    const head = { sequence: 3, hash: String(kept.at(-1)?.hash) };
    expect(found(kept, { head, attested })).toEqual(['cut 4']);
    expect(found([], { head: { sequence: 0, hash: '0'.repeat(64) }, attested })).toEqual(['cut 1']);
    expect(found([], { head: null, attested })).toEqual(['cut 1']);
  });

  test('when the chain was written anew from some record on', () => {
    const anew = rewrittenFrom(4, (record) => ({ ...record, actor: 'nobody' }));
    const head = { sequence: LENGTH, hash: String(anew.at(-1)?.hash) };
    expect(found(anew, { head })).toEqual([]);
    expect(found(anew, { head, attested })).toEqual(['rewritten 3']);
    const first = rewrittenFrom(1, (record) => ({ ...record, actor: 'nobody' }));
    expect(found(first, { head: { sequence: LENGTH, hash: String(first.at(-1)?.hash) }, attested })).toEqual([
      'rewritten 1',
    ]);
  });
});

test('no edit of any member, removal, insertion or change of places goes unnoticed', () => {
  const place = fc.integer({ min: 0, max: LENGTH - 1 });
  const tampering = fc.oneof(
    fc
      .tuple(place, fc.constantFrom(...Object.keys(whole.records[0] ?? {})), fc.jsonValue())
      .map(([at, name, value]) => (records: AuditRecord[]) => {
        records[at] = { ...(records[at] as AuditRecord), [name]: value };
      }),
    place.map((at) => (records: AuditRecord[]) => void records.splice(at, 1)),
    fc.tuple(place, place).map(([from, to]) => (records: AuditRecord[]) => {
      records.splice(to, 0, { ...(records[from] as AuditRecord) });
    }),
    fc.tuple(place, place).map(([a, b]) => (records: AuditRecord[]) => {
      [records[a], records[b]] = [
        { ...(records[b] as AuditRecord), sequence: a + 1 },
        { ...(records[a] as AuditRecord), sequence: b + 1 },
      ];
    }),
  );
  fc.assert(
    fc.property(fc.array(tampering, { minLength: 1, maxLength: 1 }), (tamperings) => {
      const records = [...whole.records];
      for (const tamper of tamperings) tamper(records);
      const isSame = JSON.stringify(records) === JSON.stringify(whole.records);
      // As MongoDB hands them out: by sequence, with numbers before whatever else was put there.
      const placeOf = ({ sequence }: AuditRecord) => (typeof sequence === 'number' ? sequence : Infinity);
      const sorted = records.sort((a, b) =>
        placeOf(a) === placeOf(b) ? 0 : placeOf(a) < placeOf(b) ? -1 : 1,
      );
      const findings = verifyChain(toVerify(whole, { records: sorted }));
      expect(findings.length > 0).toBe(!isSame);
      for (const finding of findings) expect(finding.sequence).toEqual(expect.any(Number));
    }),
    { seed: 20_260_101, numRuns: propertyRuns(1_000) },
  );
});
