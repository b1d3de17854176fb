import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../test/builders/property-runs.js';
import { scenario } from '../../test/builders/scenario.js';
import { GUARANTEES, type Guarantee, Telling } from '../../test/builders/telling.js';

/**
 * A customer's story in thousands of orders: IDWise goes on by itself, its events are duplicated, delayed, reordered and
 * lost, the app calls in between, attempts fail, accounts are held, closed and taken back, and minutes or months pass.
 * Whatever happens on the way, after one sweep the status is what the table of docs/status.md says of IDWise's state, the
 * approval on record, our holds and our clock; and on the way nothing untrue is told.
 */

/** The same scenarios each time, so that a green run is green for everybody; others to look further. */
const SEED = Number(process.env['PROPERTY_SEED'] ?? 20_260_101);
const RUNS = propertyRuns(1_000);

/** Seconds in fact; the rest is for a machine that is busy with other things. */
const TIMEOUT_MS = 180_000;

describe('whatever order things come in', () => {
  const played: { readonly broken: ReadonlySet<Guarantee>; readonly isUnclear: boolean }[] = [];

  /** Tells every scenario; where one breaks a guarantee, fast-check looks for the shortest that does. */
  const tell = (judge: (told: Telling) => void) =>
    fc.assert(
      fc.property(scenario, (each) => judge(new Telling(each).play())),
      { seed: SEED, numRuns: RUNS },
    );

  beforeAll(() => {
    tell(({ against, isUnclear }) => {
      played.push({ broken: new Set(against.map(({ guarantee }) => guarantee)), isUnclear });
    });
  }, TIMEOUT_MS);

  test.each(Object.entries(GUARANTEES) as [Guarantee, string][])(
    '%s: %s',
    (guarantee) => {
      if (!played.some(({ broken }) => broken.has(guarantee))) return;
      tell(({ against }) => {
        const found = against.filter((objection) => objection.guarantee === guarantee);
        if (found.length > 0) throw new Error(found.map((objection) => objection.found).join('\n'));
      });
      throw new Error('A scenario broke this guarantee, and did not when it was told again.');
    },
    TIMEOUT_MS,
  );

  test('scenarios are rare in which not even the table can tell', () => {
    expect(played).toHaveLength(RUNS);
    expect(played.filter(({ isUnclear }) => isUnclear).length).toBeLessThan(RUNS / 10);
  });

  test(
    'reports that come twice change nothing: the same end, and the same effects on the way',
    () => {
      const property = fc.property(scenario, (each) => {
        const once = new Telling(each).play().driver.story;
        const twice = new Telling(each, true).play().driver.story;
        expect(withoutCauses(twice.effects)).toEqual(withoutCauses(once.effects));
        expect(twice.view).toEqual(once.view);
        expect(withoutCauses(twice.facts)).toEqual(withoutCauses(once.facts));
      });
      fc.assert(property, { seed: SEED, numRuns: Math.ceil(RUNS / 5) });
    },
    TIMEOUT_MS,
  );
});

function withoutCauses(facts: unknown): unknown {
  return JSON.parse(JSON.stringify(facts, (key, value: unknown) => (key === 'causes' ? [] : value)));
}
