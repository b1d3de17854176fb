import { describe, expect, test } from '@jest/globals';
import { CASE_STATES } from '../../src/domain/cases/case.js';
import { CASE_TEMPLATES } from '../../src/domain/cases/case-notices.js';
import { statesFor, TRANSITIONS } from '../../src/domain/cases/case-transitions.js';
import { CASE_OUTCOMES } from '../../src/domain/cases/outcomes.js';
import { CASE_ACTIONS, DESK_ACTIONS, PERMISSIONS, ROLES } from '../../src/domain/cases/roles.js';
import { allDocuments, section } from './documents.js';

/** docs/cases.md is what officers and examiners read; its tables say what the code does. */

const page = allDocuments().find(({ path }) => path === 'docs/cases.md') ?? { path: '', text: '' };

/** The rows of a section's first table: the cells of each, without the heading. */
function rows(heading: string): readonly (readonly string[])[] {
  const lines = section(page, heading)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const coded = (text: string) => [...text.matchAll(/`([a-z_]+)`/g)].map((match) => match[1]);

describe('the page about cases', () => {
  test('has the table of roles and actions that the code has', () => {
    expect(section(page, 'Who may do what')).toContain(`| action | ${ROLES.join(' | ')} |`);
    expect(rows('Who may do what')).toEqual(
      DESK_ACTIONS.map((action) => [
        `\`${action}\``,
        ...ROLES.map((role) => (PERMISSIONS[action].includes(role) ? 'yes' : '–')),
      ]),
    );
  });

  test('has the table of states that the code has', () => {
    const table = rows('States');
    expect(table.map(([action = '']) => coded(action)[0])).toEqual(CASE_ACTIONS);
    for (const [action = '', states = '', leads = ''] of table) {
      const name = CASE_ACTIONS.find((each) => action === `\`${each}\``);
      if (name === undefined) throw new Error(`There is no action ${action}.`);
      expect(coded(states)).toEqual(statesFor('aml', name));
      const changing = CASE_STATES.filter((state) => (TRANSITIONS[name][state] ?? state) !== state);
      const to = [...new Set(changing.map((state) => TRANSITIONS[name][state]))];
      expect(changing.length === 0 ? [] : [coded(leads)[0]]).toEqual(to);
      expect(leads.includes('the same')).toBe(statesFor('aml', name).length > changing.length);
    }
  });

  test('has every outcome and every mail', () => {
    expect(rows('Outcomes').map(([outcome = '']) => coded(outcome)[0])).toEqual(CASE_OUTCOMES);
    expect(CASE_TEMPLATES.filter((template) => !page.text.includes(`\`${template}\``))).toEqual([]);
  });
});
