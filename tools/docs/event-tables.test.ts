import { describe, expect, test } from '@jest/globals';
import { EVENT_EFFECTS, eventRow, REPORT_EFFECTS, reportRow } from '../../test/end-to-end/event-effects.js';
import { allDocuments, type Document, read, section } from './documents.js';

const tables = tableRows(section(documentAt('docs/events.md'), 'Form by form'));

describe('docs/events.md says, form by form, what the end-to-end tests have seen:', () => {
  test('the table of events', () => {
    expect(tables[0]).toEqual(EVENT_EFFECTS.map(eventRow));
  });

  test('the table of the app’s reports', () => {
    expect(tables[1]).toEqual(REPORT_EFFECTS.map(reportRow));
  });
});

describe('there is a form, and with it a test, for', () => {
  const named = new Set(EVENT_EFFECTS.map(({ event }) => normalised(event)));

  test('every event that the code understands', () => {
    const table = /const KIND_BY_NAME[\s\S]*?\n\);/.exec(read('src/domain/idwise-event.ts'))?.[0] ?? '';
    const names = [...table.matchAll(/'([a-z ]+)': '/g)].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !named.has(name))).toEqual([]);
  });

  test('every event of the contract (§1.2)', () => {
    const names = codes('### 1.2', '### 1.3');
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !named.has(normalised(name)))).toEqual([]);
  });

  test('every action of Updated Journey that the contract documents (§1.3 E), and one that it does not', () => {
    const documented = codes('and `action`:', 'others');
    const forms = EVENT_EFFECTS.filter(({ event }) => event === 'Updated Journey').map(({ form }) => form);
    expect(documented).toContain('Step Update');
    expect(documented.length).toBeGreaterThan(3);
    expect(documented.filter((action) => !forms.some((form) => form.includes(`\`${action}\``)))).toEqual([]);
    expect(forms).toContain('an action that nobody knows');
  });
});

function documentAt(path: string): Document {
  const document = allDocuments().find((each) => each.path === path);
  if (document === undefined) throw new Error(`There is no document ${path}`);
  return document;
}

/** The rows of each table of a text, without head and rule. */
function tableRows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('|'))
    .map((block) => block.trim().split('\n').slice(2));
}

/** What stands in backticks between two marks of the contract. */
function codes(from: string, to: string): readonly string[] {
  const { text } = documentAt('docs/idwise-contract.md');
  const begin = text.indexOf(from) + from.length;
  const part = text.slice(begin, text.indexOf(to, begin));
  return [...part.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

function normalised(name: string): string {
  return name.toLowerCase().replace(/\s+/g, ' ');
}
