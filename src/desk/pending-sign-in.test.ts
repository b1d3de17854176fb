import { expect, test } from '@jest/globals';
import { createPendingSignIns } from './pending-sign-in.js';

const signIns = createPendingSignIns(new Uint8Array(32).fill(1));
const SIGN_IN = {
  state: 'a state',
  nonce: 'a nonce',
  codeVerifier: 'a verifier',
  returnTo: '/desk/cases/c-1',
};
const NOON = new Date('2026-06-01T12:00:00Z');
const after = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

test('a begun sign-in comes back as it was, for ten minutes', async () => {
  const sealed = await signIns.seal(SIGN_IN, NOON);
  expect(await signIns.open(sealed, NOON)).toEqual(SIGN_IN);
  expect(await signIns.open(sealed, after(9.9))).toEqual(SIGN_IN);
  expect(await signIns.open(sealed, after(10.1))).toBeNull();
});

test('nobody reads it on the way, nor makes one', async () => {
  const sealed = await signIns.seal(SIGN_IN, NOON);
  const readable = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
  expect(readable.join(' ')).not.toMatch(/a state|a nonce|a verifier|cases/);
  const [header, , iv, text, tag] = sealed.split('.');
  const other = text?.startsWith('A') ? 'B' : 'A';
  const changed = [header, '', iv, `${other}${text?.slice(1)}`, tag].join('.');
  for (const forged of [changed, 'made-up', '', await anotherKey()])
    expect(await signIns.open(forged, NOON)).toBeNull();
});

test('it fits a cookie, which browsers keep up to 4096 bytes', async () => {
  const longest = { state: 's'.repeat(43), nonce: 'n'.repeat(43), codeVerifier: 'v'.repeat(43) };
  const sealed = await signIns.seal({ ...longest, returnTo: `/desk/${'p'.repeat(194)}` }, NOON);
  expect(sealed.length).toBeLessThan(1_000);
});

const anotherKey = () => createPendingSignIns(new Uint8Array(32).fill(2)).seal(SIGN_IN, NOON);
