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
const PROMISED_TIMES: Suite = {
  project: 'promised-times',
  title: 'Tests of times that are promised, one at a time',
  workers: 1,
};
const TIME_SKIPPING: Suite = {
  project: 'time-skipping',
  title: 'Tests in which months pass',
  workers: 2,
  niceness: 5,
};

/** One stage after the other, the suites of a stage at the same time. */
export type Stages = readonly (readonly Suite[])[];

/** What `npm test` runs first, while it obtains the servers of the others. */
export const WITHOUT_SERVERS: Stages = [[UNIT], [REPLAY]];

/**
 * And then. Where times are promised, half of the machine waits for what comes back after a kill. Months pass meanwhile,
 * with what is left.
 */
export const ON_SERVERS: Stages = [[SERVERS], [PROMISED_TIMES, TIME_SKIPPING]];
