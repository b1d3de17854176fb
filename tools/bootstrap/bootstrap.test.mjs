import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { importedFiles } from './compile.mjs';
import { installationProblem } from './dependencies.mjs';
import { nodeVersionProblem } from './node-version.mjs';

describe('Node versions', () => {
  test.each(['20.19.0', '20.20.2', '22.0.0', '24.11.1'])('%s is accepted', (version) => {
    expect(nodeVersionProblem(version)).toBeNull();
  });
  test.each(['20.18.9', '18.20.0', '16.0.0'])('%s is refused, naming what is needed', (version) => {
    expect(nodeVersionProblem(version)).toContain('20.19');
  });
});

describe('what is installed against the lock file', () => {
  const wanted = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  };

  test('the same packages need no installation, and optional ones may be absent', () => {
    expect(installationProblem(wanted, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBeNull();
  });
  test('nothing installed, a missing package and another version each ask for one', () => {
    expect(installationProblem(wanted, null)).toContain('nothing');
    expect(installationProblem(wanted, { packages: {} })).toContain('node_modules/a is missing');
    const other = { packages: { 'node_modules/a': { version: '0.9.0' } } };
    expect(installationProblem(wanted, other)).toContain('0.9.0');
  });
});

describe('the files that a workflow bundle is made of', () => {
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'imports-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('are found through imports and re-exports, circles included, packages left out', () => {
    const write = (name, text) => writeFileSync(join(folder, name), text);
    write('index.js', "export * from './a.js';\nimport { x } from 'package';");
    write('a.js', "import { b } from './b.js';\nimport './index.js';");
    write('b.js', 'export const b = 1;');
    write('unrelated.js', '');
    const names = importedFiles(join(folder, 'index.js')).map((path) => path.slice(folder.length + 1));
    expect(names).toEqual(['a.js', 'b.js', 'index.js']);
  });
});
