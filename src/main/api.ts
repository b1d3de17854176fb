import { recordPolicy } from '../audit/record-policy.js';
import { configOrExit, readEnvironment } from '../config/environment.js';
import type { ServiceConfig } from '../config/service-config.js';
import { listen } from '../http/listen.js';
import { createLogger, type Logger } from '../observability/logger.js';
import { buildMissingIndexes } from '../store/indexes.js';
import { openStore } from '../store/store.js';
import { assembleApi } from './assemble-api.js';
import { withPatience } from './with-patience.js';

/** Entry point of the API role: webhook intake, relay, sweeper, HTTP API. Any number may run. */

const MONGODB_WAIT_MS = 30_000;
const TOLD_AFTER_MS = 5_000;
/** Together below the ten seconds after which supervisors kill. */
const CLOSE_MS = 4_000;
const DRAIN_MS = 4_000;
/** Who waits for a workflow's word still has time to hear that it did not come. */
const LAST_WORDS_AFTER_MS = 3_000;

const LISTEN_PROBLEMS = {
  EADDRINUSE: 'is in use by another process; stop it, or set another PORT',
  EADDRNOTAVAIL: 'is no address of this machine; correct HOST',
  EACCES: 'may not be used by this user; set a PORT above 1023',
  other: 'cannot be listened on; check HOST and PORT',
} as const;

/** Until it listens there is nothing to bring to an end. The first process of a container hears only what it listens to. */
let onSignal: () => void = () => process.exit(0);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => onSignal());

async function main(): Promise<void> {
  const config = configOrExit(readEnvironment(process.env));
  const logger = createLogger('api', config.service.logLevel);
  const store = await withPatience('MongoDB (MONGODB_URI)', MONGODB_WAIT_MS, logger, () =>
    openStore(config.mongodbUri),
  );
  await withPatience('MongoDB (MONGODB_URI)', MONGODB_WAIT_MS, logger, () => makesIndexes(config, logger));
  await recordPolicy(store, config.policy, new Date());
  const api = assembleApi(config, store, logger);
  const { host, port } = config.service;
  const outcome = await listen(api.handler, host, port);
  if (outcome.kind === 'refused') fail(`${host}:${port} ${LISTEN_PROBLEMS[outcome.code]}.`);
  api.startSweeping();
  const { listening } = outcome;
  logger.info(`The API listens on http://${host.includes(':') ? `[${host}]` : host}:${listening.port}`, {
    address: host,
    port: listening.port,
    taskQueue: config.temporal.taskQueue,
  });

  const stop = async () => {
    const pending = api.relay.pending();
    api.endStreams();
    setTimeout(() => api.endWaits(), LAST_WORDS_AFTER_MS);
    await listening.close(CLOSE_MS);
    await api.stop(DRAIN_MS);
    await store.close();
    logger.info('The API has stopped', { count: pending });
    process.exit(0);
  };
  onSignal = () => {
    onSignal = () => {};
    void stop();
  };
}

/** Whoever looks while indexes over years of events are made sees why nobody listens yet. */
async function makesIndexes({ mongodbUri }: ServiceConfig, logger: Logger): Promise<void> {
  const told = setTimeout(
    () => logger.warn('MongoDB is making indexes; the API listens once they are there'),
    TOLD_AFTER_MS,
  );
  try {
    await buildMissingIndexes(mongodbUri);
  } finally {
    clearTimeout(told);
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

await main();
