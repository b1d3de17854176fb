const swc = [
  '@swc/jest',
  { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
];

const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': swc },
  // Compiled code is not searched for tests, nor anything that a running system writes.
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/'],
};

/**
 * Months pass in these as fast as the machine can work. Beside others they would take what those need, unless they stand
 * back (`tools/test/suites.ts`).
 */
const TIME_SKIPPING = ['test/time-skipping/'];

/**
 * These hold the product to times that it promises: one file at a time, and beside them only what stands back. Where it is
 * enough that all ends well in the end, however late, a test belongs to the others.
 */
const PROMISED_TIMES = ['test/promised-times/', 'test/start/'];

const ELSEWHERE = ['test/replay/', ...TIME_SKIPPING, ...PROMISED_TIMES];

const onServers = {
  globalSetup: '<rootDir>/test/servers/global-setup.mjs',
  globalTeardown: '<rootDir>/test/servers/global-teardown.mjs',
};

export default {
  // The test files of `servers` share two real servers and the machine. They wait much, so more run than there are cores.
  maxWorkers: 3,
  // Tests wait for conditions, which say themselves what did not come about; this ends what hangs, also on a busy machine.
  testTimeout: 600_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{src,workflows,activities,simulator,tools,bench}/**/*.test.{ts,mjs}'],
      globalSetup: '<rootDir>/test/servers/compile-setup.mjs',
    },
    {
      // A replay leaves hooks on every promise of its process: tests after it would take ten times as long.
      ...common,
      displayName: 'replay',
      testMatch: ['<rootDir>/test/replay/**/*.test.ts'],
      globalSetup: '<rootDir>/test/servers/compile-setup.mjs',
    },
    {
      ...common,
      ...onServers,
      displayName: 'servers',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ELSEWHERE.map((path) => `<rootDir>/${path}`),
    },
    {
      ...common,
      ...onServers,
      displayName: 'time-skipping',
      testMatch: TIME_SKIPPING.map((path) => `<rootDir>/${path}**/*.test.ts`),
    },
    {
      ...common,
      ...onServers,
      displayName: 'promised-times',
      testMatch: PROMISED_TIMES.map((path) => `<rootDir>/${path}**/*.test.ts`),
    },
  ],
};
