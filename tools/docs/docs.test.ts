import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { STATUSES } from '../../src/domain/policy.js';
import { ENGLISH } from '../../src/domain/texts/en.js';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/names.js';
import { projectRoot } from '../servers/project-root.js';
import {
  allDocuments,
  brokenLinks,
  type Document,
  entries,
  namedPaths,
  namedScripts,
  read,
  section,
  sources,
} from './documents.js';

const documents = allDocuments();
const runbook = documentAt('docs/runbook.md');

describe('the runbook has an entry for', () => {
  test('every problem code of the HTTP API, and for no other', () => {
    const table = /export const PROBLEMS = \{([\s\S]*?)^\} as const/m.exec(read('src/http/problems.ts'))?.[1];
    const codes = [...(table ?? '').matchAll(/^ {2}([a-z_]+): \{$/gm)].map((match) => match[1] ?? '');
    expect(codes.length).toBeGreaterThan(20);
    expectSame(entries(section(runbook, 'Problem codes of the HTTP API')), codes);
  });

  test('every reason for which an event is parked, and for no other', () => {
    const reasons = union('src/store/inbox-records.ts', /export const PARK_REASONS = \[([^\]]+)\]/);
    expectSame(entries(section(runbook, 'Parked events')), reasons);
  });

  test('every alarm, whoever raises it, and for no other', () => {
    const alarms = [
      ...union('src/observability/alarm.ts', /export type AlarmCode =([^;]+);/),
      ...union('src/domain/effects.ts', /export type AlarmCode =([^;]+);/),
      ...union('src/domain/status.ts', /export type StatusAlarm =([^;]+);/),
      ...union('src/domain/cases/case-effects.ts', /export type CaseAlarm =([^;]+);/),
      ...union('src/delivery/send-outcome.ts', /export type DeliveryAlarm =([^;]+);/),
    ];
    expectSame(entries(section(runbook, 'Alarms')), alarms);
  });
});

describe('what the documents name', () => {
  test.each(documents.map((document) => document.path))('%s: every relative link leads somewhere', (path) => {
    expect(brokenLinks(documentAt(path))).toEqual([]);
  });

  test('every script that they tell to run is in package.json', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const missing = documents.flatMap((document) =>
      namedScripts(document)
        .filter((script) => scripts[script] === undefined)
        .map((script) => `${document.path}: npm run ${script}`),
    );
    expect(missing).toEqual([]);
  });

  test('every file of the project that they name is there', () => {
    const missing = documents.flatMap((document) =>
      namedPaths(document)
        .filter((path) => !existsSync(join(projectRoot, path)))
        .map((path) => `${document.path}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test('every section of design and contract that a comment cites is there', () => {
    const cited = sources('src', 'workflows', 'activities', 'simulator', 'tools', 'test').flatMap(
      ({ text }) =>
        [...text.matchAll(/\b(design|contract) (§[\d.]+(?:, §[\d.]+)*)/g)].flatMap((match) =>
          (match[2] ?? '').split(', ').map((number) => `${match[1]} ${number.replace(/\.$/, '')}`),
        ),
    );
    const numbered = (path: string, name: string) =>
      [...documentAt(path).text.matchAll(/^#{2,3} ([\d.]+) /gm)].map((match) => `${name} §${match[1]}`);
    const known = [
      ...numbered('docs/design.md', 'design'),
      ...numbered('docs/idwise-contract.md', 'contract'),
    ];
    expect(cited.length).toBeGreaterThan(50);
    expect([...new Set(cited)].filter((section) => !known.includes(section))).toEqual([]);
  });
});

describe('the pages about rules are complete:', () => {
  test('every status and every ground of a status is in docs/status.md', () => {
    const grounds = union('src/domain/status.ts', /export type Ground =([^;]+);/);
    expect(unnamed('docs/status.md', [...grounds, ...STATUSES])).toEqual([]);
  });

  test('every event that is understood is in docs/events.md', () => {
    const table = /const KIND_BY_NAME[\s\S]*?\n\);/.exec(read('src/domain/idwise-event.ts'))?.[0] ?? '';
    const names = [...table.matchAll(/'([a-z ]+)': '/g)].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(10);
    const page = documentAt('docs/events.md').text.toLowerCase();
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  test('every search attribute is in the table of the README, for those who add them by hand', () => {
    const readme = documentAt('README.md').text;
    expect(Object.keys(SEARCH_ATTRIBUTES).filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  test('every text that a customer can be told is in docs/policy.md with its English words, and no other', () => {
    const rows = [
      ...section(documentAt('docs/policy.md'), '`texts`: what customers read').matchAll(
        /^\| `([a-z_]+)` \| (.+) \|$/gm,
      ),
    ];
    expect(Object.fromEntries(rows.map(([, code, text]) => [code, text]))).toEqual(ENGLISH);
  });

  test('every member of the policy file is in docs/policy.md and explained in docs/configuration.md', () => {
    const members = Object.keys(policyMembers());
    expect(members.length).toBeGreaterThan(15);
    const page = documentAt('docs/policy.md').text;
    const leaf = (member: string) => member.slice(member.lastIndexOf('.') + 1);
    expect(
      members.filter((member) => !page.includes(`\`${member}\``) && !page.includes(`\`${leaf(member)}\``)),
    ).toEqual([]);
    const table = documentAt('docs/configuration.md').text.split('| member | meaning |')[1] ?? '';
    const isExplained = (member: string) =>
      member
        .split('.')
        .some((_, depth, parts) => table.includes(`| \`${parts.slice(0, depth + 1).join('.')}\` |`));
    expect(members.filter((member) => !isExplained(member))).toEqual([]);
  });
});

function documentAt(path: string): Document {
  const document = documents.find((each) => each.path === path);
  if (document === undefined) throw new Error(`There is no document ${path}`);
  return document;
}

function expectSame(documented: readonly string[], inCode: readonly string[]): void {
  expect({
    undocumented: inCode.filter((code) => !documented.includes(code)),
    outdated: documented.filter((code) => !inCode.includes(code)),
  }).toEqual({ undocumented: [], outdated: [] });
}

/** The literals of a union of text, read from its source, because types leave nothing behind at run time. */
function union(path: string, declaration: RegExp): readonly string[] {
  const members = [...(declaration.exec(read(path))?.[1] ?? '').matchAll(/'([a-z_]+)'(?!\])/g)];
  if (members.length === 0) throw new Error(`${path} has no union ${declaration.source}`);
  return members.map((match) => match[1] ?? '');
}

function unnamed(path: string, codes: readonly string[]): readonly string[] {
  const { text } = documentAt(path);
  return codes.filter((code) => !text.includes(`\`${code}\``));
}

/** Members of the policy by their path in the file, from the defaults that the configuration's page prints. */
function policyMembers(): Record<string, unknown> {
  const json = /```json\n([\s\S]*?)```/.exec(documentAt('docs/configuration.md').text)?.[1] ?? '{}';
  const walk = (value: unknown, path: string): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, member]) =>
          walk(member, path === '' ? name : `${path}.${name}`),
        )
      : [[path, value]];
  return Object.fromEntries(walk(JSON.parse(json), ''));
}
