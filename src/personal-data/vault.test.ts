import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createVault } from './vault.js';

const vault = createVault(randomBytes(32));
const PERSON = { fullName: 'Zoë Testperson', birthDate: '1960-05-12' };

test('what is sealed opens for the same customer: JSON and bytes', async () => {
  const sealed = await vault.seal('ref/1', PERSON);
  expect(await vault.open('ref/1', sealed)).toEqual({ kind: 'json', value: PERSON });
  const image = randomBytes(3_000);
  const opened = await vault.open('ref/1', await vault.seal('ref/1', image));
  expect(opened.kind === 'bytes' && Buffer.from(opened.bytes).equals(image)).toBe(true);
});

test('nothing of the content or of the reference number is readable in the sealed text', async () => {
  const sealed = await vault.seal('reference-of-zoe', PERSON);
  const readable = sealed
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
    .join(' ');
  for (const secret of ['Testperson', '1960', 'reference-of-zoe'])
    expect(readable + sealed).not.toContain(secret);
});

test('the same content never seals to the same text twice', async () => {
  expect(await vault.seal('r', PERSON)).not.toBe(await vault.seal('r', PERSON));
});

test('a row that was moved to another customer does not open', async () => {
  const sealed = await vault.seal('mine', PERSON);
  expect(await vault.open('theirs', sealed)).toEqual({ kind: 'unopenable', code: 'another_customer' });
  const [header, ...rest] = sealed.split('.');
  const [foreignHeader] = (await vault.seal('theirs', PERSON)).split('.');
  expect(header).toBeDefined();
  expect(await vault.open('theirs', [foreignHeader, ...rest].join('.'))).toEqual({
    kind: 'unopenable',
    code: 'damaged',
  });
});

test('another key does not open it, and the header says that it is another key', async () => {
  const sealed = await vault.seal('r', PERSON);
  expect(await createVault(randomBytes(32)).open('r', sealed)).toEqual({
    kind: 'unopenable',
    code: 'another_key',
  });
});

test('a text that was tampered with in any part does not open', async () => {
  const parts = (await vault.seal('r', PERSON)).split('.');
  for (const index of parts.keys()) {
    const tampered = parts.map((part, at) => {
      if (at !== index) return part;
      const bytes = Buffer.from(part, 'base64url');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return bytes.toString('base64url');
    });
    expect((await vault.open('r', tampered.join('.'))).kind).toBe('unopenable');
  }
  for (const nonsense of ['', 'a.b.c.d.e', '....', '{}']) {
    expect((await vault.open('r', nonsense)).kind).toBe('unopenable');
  }
});

test('digest keys differ by customer and by vault, and stay the same otherwise', () => {
  expect(vault.digestKey('a')).toEqual(vault.digestKey('a'));
  expect(vault.digestKey('a')).not.toEqual(vault.digestKey('b'));
  expect(vault.digestKey('a')).not.toEqual(createVault(randomBytes(32)).digestKey('a'));
});

test('a key of another length is refused', () => {
  expect(() => createVault(new Uint8Array(16))).toThrow(RangeError);
});
