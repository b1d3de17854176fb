// The suites of the tests, and which of them run at the same time.

/** One project of jest's configuration, and how it is run. */
export interface Suite {
  readonly project: string;
  /** What it is, for people. */
  readonly title: string;
  /** How many worker processes. */
  readonly workers: number;
  /** How far it stands back behind what runs at the same time: 1 to 19. */
  readonly niceness?: number;
}

export const UNIT: Suite = {
  project: 'unit',
  title: 'Unit and property tests, simulator, tools (no servers)',
  workers: 2,
};
export const REPLAY: Suite = {
  project: 'replay',
  title: 'Recorded runs under the present workflow code',
  workers: 1,
};
const SERVERS: Suite = { project: 'servers', title: 'Tests on real servers', workers: 3 };
const KILLS: Suite = {
  project: 'kills',
  title: 'Tests in which servers are killed, one at a time',
  workers: 1,
};
const TIME_SKIPPING: Suite = {
  project: 'time-skipping',
  title: 'Tests in which months pass',
  workers: 2,
  niceness: 5,
};

/**
 * What `npm test` runs, one stage after the other, the suites of a stage at the same time. Where servers are killed, half
 * of the time is spent waiting for what comes back. Months pass meanwhile, with what is left of the machine.
 */
export const STAGES: readonly (readonly Suite[])[] = [[UNIT], [REPLAY], [SERVERS], [KILLS, TIME_SKIPPING]];
