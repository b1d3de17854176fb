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

const onServers = {
  globalSetup: '<rootDir>/test/servers/global-setup.mjs',
  globalTeardown: '<rootDir>/test/servers/global-teardown.mjs',
};

export default {
  // The test files of `servers` share two real servers and the machine. Mostly they wait, so two run beside each other.
  maxWorkers: 2,
  // Tests wait for conditions, which say themselves what did not come about; this ends what hangs, also on a busy machine.
  testTimeout: 240_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{src,workflows,activities,simulator,tools,bench}/**/*.test.{ts,mjs}',
        '<rootDir>/test/replay/**/*.test.ts',
      ],
      globalSetup: '<rootDir>/test/servers/compile-setup.mjs',
    },
    {
      ...common,
      ...onServers,
      displayName: 'servers',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/replay/', '<rootDir>/test/time-skipping/'],
    },
    // Months pass in them as fast as the machine can work, so that beside others they would take what those need.
    {
      ...common,
      ...onServers,
      displayName: 'time-skipping',
      testMatch: ['<rootDir>/test/time-skipping/**/*.test.ts'],
    },
  ],
};
