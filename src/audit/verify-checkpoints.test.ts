import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { builtCheckpoints } from '../../test/builders/audit-chains.js';
import {
  type Checkpoint,
  type CustomerHead,
  checkpointDigest,
  headLine,
  signCheckpoint,
} from './checkpoint.js';
import { merkleProof, merkleRoot, provenRoot } from './merkle-tree.js';
import { fingerprint, newSigningKey, publicPem, readPublicKey, readSigningKey } from './signing-key.js';
import { verifyCheckpoints } from './verify-checkpoints.js';

const key = keyOf(newSigningKey());
const other = keyOf(newSigningKey());
const head = (referenceNo: string, sequence: number): CustomerHead => ({
  referenceNo,
  sequence,
  hash: String(sequence % 10).repeat(64),
});
const checkpoints = builtCheckpoints(
  [[head('a', 1), head('b', 2), head('ü', 1)], [head('b', 4)], [], [head('a', 3), head('c', 1)]],
  key,
);

function keyOf(text: string) {
  const read = readSigningKey(text);
  if (read === null) throw new Error('no key');
  return read;
}

function found(
  stored: readonly Checkpoint[],
  exported: readonly Checkpoint[] | null = null,
  keys = [key],
): string[] {
  return verifyCheckpoints(stored, exported, keys).findings.map(
    ({ kind, sequence }) => `${kind} ${sequence}`,
  );
}

const changed = (number: number, change: (checkpoint: Checkpoint) => Checkpoint) =>
  checkpoints.map((checkpoint) => (checkpoint.body.number === number ? change(checkpoint) : checkpoint));

describe('checkpoints that nobody touched', () => {
  test('are trusted, and attest each head that they list', () => {
    const verified = verifyCheckpoints(checkpoints, checkpoints, [key]);
    expect(verified.findings).toEqual([]);
    expect(verified.trusted).toHaveLength(4);
    expect(verified.attested.get('b')).toEqual([
      { sequence: 2, hash: '2'.repeat(64), checkpoint: 1 },
      { sequence: 4, hash: '4'.repeat(64), checkpoint: 2 },
    ]);
  });

  test('are verified with the public key alone', () => {
    const read = readPublicKey(publicPem(key));
    expect(read === null ? 'no key' : found(checkpoints, null, [read])).toEqual([]);
    expect(fingerprint(createPublicKey(key))).toBe(fingerprint(key));
  });

  test('attest nothing while no key is given, and that is said', () => {
    const verified = verifyCheckpoints(checkpoints, null, []);
    expect(verified.findings.map(({ kind }) => kind)).toEqual(['no_key']);
    expect(verified.attested.size).toBe(0);
  });

  test('may be signed with one key after the other, while both are trusted', () => {
    const resigned = checkpoints.map((checkpoint, index) =>
      index === 3 ? { ...checkpoint, ...signCheckpoint(checkpoint.body, other) } : checkpoint,
    );
    expect(found(resigned, null, [key, other])).toEqual([]);
  });
});

describe('it is found, and where,', () => {
  test.each(['at', 'previous', 'headsRoot', 'customers', 'allHeads', 'changed', 'format'])(
    'when %s of a checkpoint was edited',
    (name) => {
      const edited = changed(2, (checkpoint) => ({ ...checkpoint, body: { ...checkpoint.body, [name]: 7 } }));
      expect(found(edited)).toContain('checkpoint_forged 2');
    },
  );

  test('when a checkpoint was signed again with another key', () => {
    const forged = changed(4, (checkpoint) => ({ ...checkpoint, ...signCheckpoint(checkpoint.body, other) }));
    expect(found(forged)).toEqual(['checkpoint_unknown_key 4']);
    expect(verifyCheckpoints(forged, null, [key]).attested.get('c')).toBeUndefined();
  });

  test('when the key was replaced and the old fingerprint kept', () => {
    const forged = changed(4, ({ body, heads }) => {
      const { signature } = signCheckpoint(body, other);
      return { body, signature, heads };
    });
    expect(found(forged)).toEqual(['checkpoint_forged 4']);
  });

  test('when a head was changed, left out or added in the list of a checkpoint', () => {
    const listing = (heads: readonly CustomerHead[]) =>
      changed(2, (checkpoint) => ({ ...checkpoint, heads }));
    expect(found(listing([head('b', 3)]))).toEqual(['checkpoint_heads_differ 2']);
    expect(found(listing([]))).toEqual(['checkpoint_heads_differ 2']);
    expect(found(listing([head('b', 4), head('z', 1)]))).toEqual(['checkpoint_heads_differ 2']);
  });

  test('when a checkpoint was removed, at the end only with the exported files', () => {
    expect(found(checkpoints.filter(({ body }) => body.number !== 2))).toEqual(['checkpoint_missing 2']);
    expect(found(checkpoints.slice(0, 3))).toEqual([]);
    expect(found(checkpoints.slice(0, 3), checkpoints)).toEqual(['checkpoint_missing 4']);
    expect(found([], checkpoints)).toHaveLength(4);
  });

  test('when the database has another checkpoint than the file', () => {
    const [first] = builtCheckpoints([[head('a', 9)]], key);
    expect(found(first === undefined ? [] : [first], checkpoints.slice(0, 1))).toEqual([
      'checkpoint_differs 1',
    ]);
  });

  test('when a checkpoint was made that leaves out a chain which went on', () => {
    const [, , third, fourth] = checkpoints;
    if (third === undefined || fourth === undefined) throw new Error('there are four');
    // Truly signed, as by a service whose own note of heads was falsified: 'b' went on to 6 and is not listed.
    const [, , , honest] = builtCheckpoints(
      [
        [head('a', 1), head('b', 2), head('ü', 1)],
        [head('b', 4)],
        [],
        [head('b', 6), head('a', 3), head('c', 1)],
      ],
      key,
    );
    const silent = signCheckpoint(
      { ...fourth.body, allHeads: honest?.body.allHeads ?? '', previous: checkpointDigest(third.body) },
      key,
    );
    expect(found([...checkpoints.slice(0, 3), { ...silent, heads: fourth.heads }])).toEqual([
      'checkpoint_heads_differ 4',
    ]);
  });
});

describe('the hash tree', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 33])('of %d entries proves each of them, and no other', (count) => {
    const entries = Array.from({ length: count }, (_, index) => headLine(head(`ref-${index}`, index)));
    const root = merkleRoot(entries);
    for (const [index, entry] of entries.entries()) {
      const proof = merkleProof(entries, index);
      expect(provenRoot(entry, proof)).toBe(root);
      expect(provenRoot(`${entry} `, proof)).not.toBe(root);
    }
  });

  test('has the roots of RFC 9162', () => {
    // SHA-256 of nothing, and of the zero byte: RFC 6962 test vectors.
    expect(merkleRoot([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(merkleRoot([''])).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  });
});

describe('a signing key', () => {
  test('is read as PEM, as PEM on one line, and as base64', () => {
    const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    const der = key.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    for (const text of [pem, pem.replaceAll('\n', '\\n'), der]) {
      const read = readSigningKey(text);
      expect(read === null ? null : fingerprint(read)).toBe(fingerprint(key));
    }
  });

  test('that is another kind of key, a public one, or none is refused', () => {
    for (const text of ['', 'secret', publicPem(key), Buffer.alloc(32, 1).toString('base64')]) {
      expect(readSigningKey(text)).toBeNull();
    }
    expect(readPublicKey(key.export({ type: 'pkcs8', format: 'pem' }).toString())).toBeNull();
  });
});
