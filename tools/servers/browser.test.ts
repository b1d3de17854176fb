import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { findChromium } from './browser.js';

const folder = mkdtempSync(join(tmpdir(), 'browser-'));
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
  return path;
}

describe('the browser', () => {
  test('is the one that CHROMIUM_PATH names, whatever is on PATH', () => {
    program('chromium');
    const named = program('my-chromium');
    expect(findChromium({ PATH: folder, CHROMIUM_PATH: named })).toBe(named);
  });

  test('is never silently another one than CHROMIUM_PATH names', () => {
    program('chromium');
    const named = join(folder, 'nowhere');
    expect(() => findChromium({ PATH: folder, CHROMIUM_PATH: named })).toThrow('CHROMIUM_PATH');
  });

  test('is the first of the usual names on PATH', () => {
    const chrome = program('google-chrome');
    rmSync(join(folder, 'chromium'), { force: true });
    expect(findChromium({ PATH: `/nowhere:${folder}` })).toBe(chrome);
  });

  test('is none where PATH has none', () => {
    expect(findChromium({ PATH: '/nowhere' })).toBeNull();
  });
});
