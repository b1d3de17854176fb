import { describe, expect, test } from '@jest/globals';
import { createAddressCheck, createCredentialsCheck } from './credentials.js';

const none = { secrets: ['first-secret', 'second-secret'], allowedIps: [] };
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('credentials of a webhook', () => {
  const bearer = createCredentialsCheck({ ...none, auth: { kind: 'bearer' } });
  const header = createCredentialsCheck({ ...none, auth: { kind: 'header', name: 'x-hook-key' } });
  const userAndPassword = createCredentialsCheck({
    auth: { kind: 'basic' },
    secrets: ['user:pass:word', 'user:new'],
    allowedIps: [],
  });

  test('both secrets are alive at once, so that one can be rotated without a lost event', () => {
    expect(bearer({ authorization: 'Bearer first-secret' })).toBe(true);
    expect(bearer({ authorization: 'bearer second-secret' })).toBe(true);
    expect(header({ 'x-hook-key': 'second-secret' })).toBe(true);
    expect(userAndPassword({ authorization: basic('user:pass:word') })).toBe(true);
    expect(userAndPassword({ authorization: basic('user:new') })).toBe(true);
  });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer first-secre',
    'Bearer first-secret2',
    'Bearer FIRST-SECRET',
    'Bearer first-secret,second-secret',
    'Basic first-secret',
    'first-secret',
    `Bearer ${'x'.repeat(8_000)}`,
  ])('a forged bearer %p opens nothing', (authorization) => {
    expect(bearer({ authorization })).toBe(false);
  });

  test.each([
    undefined,
    basic('user:'),
    basic('user'),
    basic(':pass:word'),
    'Basic !!!',
    'Basic',
    'Bearer user:new',
  ])('a forged basic %p opens nothing', (authorization) => {
    expect(userAndPassword({ authorization })).toBe(false);
  });

  test('a header that is missing, empty or of another name opens nothing', () => {
    expect(header({})).toBe(false);
    expect(header({ 'x-hook-key': '' })).toBe(false);
    expect(header({ 'x-other': 'first-secret' })).toBe(false);
    expect(header({ authorization: 'Bearer first-secret' })).toBe(false);
  });

  test('without secrets nothing opens, not even an empty credential', () => {
    const closed = createCredentialsCheck({
      auth: { kind: 'header', name: 'x' },
      secrets: [],
      allowedIps: [],
    });
    expect(closed({ x: '' })).toBe(false);
  });
});

describe('the list of allowed addresses', () => {
  const isAllowed = createAddressCheck(['203.0.113.7', '198.51.100.0/24', '2001:db8::/32', '::1']);

  test.each([
    '203.0.113.7',
    '::ffff:203.0.113.7',
    '198.51.100.200',
    '::ffff:198.51.100.1',
    '2001:db8:1::5',
    '::1',
  ])('%s is on it', (address) => {
    expect(isAllowed(address)).toBe(true);
  });

  test.each([
    '203.0.113.8',
    '198.51.101.1',
    '2001:db9::1',
    '127.0.0.1',
    '::ffff:127.0.0.1',
    'nonsense',
    undefined,
  ])('%s is not on it', (address) => {
    expect(isAllowed(address)).toBe(false);
  });

  test('an empty list allows any address', () => {
    expect(createAddressCheck([])('192.0.2.1')).toBe(true);
  });
});
