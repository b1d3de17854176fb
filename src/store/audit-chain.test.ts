import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const FOLDERS = ['src', 'activities', 'workflows'];
const WRITES = /\.audit\s*\.\s*(insert|update|replace|delete|bulkWrite|findOneAnd|drop|rename)\w*/;

test('audit records are written in one place, and changed or removed in none', () => {
  const writers = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => join(folder, name))
      .filter((path) => WRITES.test(readFileSync(path, 'utf8'))),
  );
  expect(writers).toEqual(['src/store/audit-chain.ts']);
  const writes = readFileSync('src/store/audit-chain.ts', 'utf8').match(new RegExp(WRITES, 'g'));
  expect(writes).toEqual(['.audit.insertMany']);
});
