import { type Command, InvalidArgumentError } from 'commander';
import { configOrExit, readServersEnvironment } from '../config/environment.js';
import { createTemporalClient } from '../temporal/client.js';
import { rollover } from './rollover.js';

interface Options {
  readonly rate: number;
  readonly startedBefore?: Date;
  readonly dryRun: boolean;
}

const SIGNALS_PER_SECOND = 20;
const MOST_SIGNALS_PER_SECOND = 1_000;

/** Takes the program; adds `rollover`, which exits with 0 when no run of before the time is open any more. */
export function addRolloverCommand(program: Command): void {
  program
    .command('rollover')
    .description(
      'Temporal: move sleeping workflows of customers and cases to the workflow code of now, once every worker runs it; safe to repeat',
    )
    .option('--rate <number>', 'signals per second', toRate, SIGNALS_PER_SECOND)
    .option(
      '--started-before <time>',
      'only runs that began before, such as 2027-03-01T09:00:00Z (default: now)',
      toTime,
    )
    .option('--dry-run', 'only count them', false)
    .action(async ({ rate, startedBefore, dryRun }: Options) => {
      const { temporal } = configOrExit(readServersEnvironment(process.env));
      const client = createTemporalClient({ temporal });
      try {
        const left = await rollover({
          client,
          taskQueue: temporal.taskQueue,
          startedBefore: startedBefore ?? new Date(),
          signalsPerSecond: rate,
          dryRun,
          print: (line) => process.stdout.write(`${line}\n`),
        });
        process.exitCode = dryRun || left === 0 ? 0 : 1;
      } catch (error) {
        process.stderr.write(`${failure(error)}\n`);
        process.exitCode = 1;
      } finally {
        await client.connection.close();
      }
    });
}

function failure(error: unknown): string {
  const name = error instanceof Error ? error.name : 'unknown error';
  return (
    `Temporal did not do what was asked (${name}). Check TEMPORAL_ADDRESS and that namespace TEMPORAL_NAMESPACE exists, ` +
    'then run the command again: what has moved stays moved.'
  );
}

function toRate(text: string): number {
  const rate = Number(text);
  if (rate > 0 && rate <= MOST_SIGNALS_PER_SECOND) return rate;
  throw new InvalidArgumentError(`It is a number above 0, at most ${MOST_SIGNALS_PER_SECOND}.`);
}

function toTime(text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('It is a time such as 2027-03-01T09:00:00Z.');
}
