import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { RIGHTS } from './service-role.js';

test('docs/architecture.md says of every collection what it holds', () => {
  const document = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  const [, section = ''] = document.split('\n## Collections\n');
  const described = section.split('\n## ')[0]?.matchAll(/^\| ([^|]+) \|/gm) ?? [];
  const names = [...described].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(names.sort()).toEqual(Object.keys(RIGHTS).sort());
});
