import { describe, expect, test } from '@jest/globals';
import { canonicalText, plain, sha256 } from './canonical-form.js';

describe('the canonical form that digests of many years rest on', () => {
  test('is that of the examples of RFC 8785', () => {
    // §3.2.2 and §3.2.3 of the RFC.
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    );
    expect(canonicalText(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const keys = JSON.parse(
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
    );
    expect([...canonicalText(keys).matchAll(/:"([A-Z])/g)].map((match) => match[1]).join('')).toBe('COCLEEH');
  });

  test('is the same for a value and for what MongoDB or JSON make of it', () => {
    const value = { b: undefined, a: new Date(0), c: ['\ud800'], d: { z: 1, y: null } };
    expect(canonicalText(plain(value))).toBe(
      '{"a":"1970-01-01T00:00:00.000Z","c":["\ufffd"],"d":{"y":null,"z":1}}',
    );
    expect(canonicalText(plain(JSON.parse(JSON.stringify(plain(value)))))).toBe(canonicalText(plain(value)));
  });

  test('is hashed with SHA-256', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
