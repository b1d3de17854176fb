import fc from 'fast-check';
import type { Findings, IdwiseModel } from './idwise-model.js';
import type { Fault } from './workflow-driver.js';

export const SECOND_MS = 1_000;

/** What an action's number from 0 to 9 stands for: how long, what IDWise finds, how an attempt goes, what a reviewer says. */
export const TICKS_MS = [1, 2, 5, 10, 30, 60, 180, 600, 1_800, 10_800].map((seconds) => seconds * SECOND_MS);
export const LONG_TICKS_MS = [0.5, 1, 2, 4, 7, 14, 16, 30, 31, 100].map((days) => days * 86_400 * SECOND_MS);
export const FINDINGS: readonly Findings[] = [
  'good',
  'good',
  'good',
  'good',
  'bad',
  'bad',
  'capture',
  'capture',
  'refused',
  'odd',
];
export const FAULTS: readonly Fault[] = [
  'none',
  'none',
  'none',
  'none',
  'none',
  'none',
  'down',
  'unreadable',
  'uncertain_done',
  'uncertain_not_done',
];
export const WORDS = ['Approved', 'Rejected', 'Resubmission Requested'] as const;
const DEEDS = [
  ...['start', 'hand_in_one', 'hand_in_all', 'hand_in_all', 'process', 'process', 'aml_ready', 'aml', 'aml'],
  ...['review', 'review', 'renew', 'renew', 'round', 'seen_round', 'app_submitted', 'app_cancelled'],
  ...['complete', 'foreign', 'close_account', 'reopen_account', 'hold', 'release', 'sweep', 'replay'],
  ...['deliver', 'deliver', 'deliver', 'repeat', 'lose', 'tick', 'tick', 'work', 'work', 'work', 'catch_up'],
  ...['live_on', 'live_on', 'sleep'],
] as const;

/** One thing that happens; which journey and what else is said by numbers. */
export interface Action {
  readonly deed: (typeof DEEDS)[number];
  readonly journey: number;
  readonly n: number;
}

/** One customer's story, not yet told. */
export interface Scenario {
  readonly options: IdwiseModel['options'];
  readonly approveAfterManualRejection: boolean;
  readonly beginning: { readonly n: number; readonly isHeard: boolean } | null;
  readonly actions: readonly Action[];
}

/** Any scenario: how IDWise behaves, how it begins, and what happens then in which order. */
export const scenario: fc.Arbitrary<Scenario> = fc.record({
  options: fc.record({
    customStep: fc.boolean(),
    keepsDecision: fc.boolean(),
    namesVersions: fc.boolean(),
    followsAml: fc.boolean(),
    reopens: fc.boolean(),
    clears: fc.boolean(),
  }),
  approveAfterManualRejection: fc.boolean(),
  /** A first journey that came to its end before anything else. */
  beginning: fc.option(fc.record({ n: fc.nat(9), isHeard: fc.boolean() }), { freq: 4 }),
  actions: fc.array(fc.record({ deed: fc.constantFrom(...DEEDS), journey: fc.nat(3), n: fc.nat(9) }), {
    minLength: 5,
    maxLength: 40,
    size: 'max',
  }),
});
