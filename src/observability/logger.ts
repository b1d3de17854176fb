import { type DestinationStream, pino } from 'pino';

/**
 * The only members that a log line may have beside its text. An allow-list, because a deny-list forgets: a member that
 * is not named here is dropped, however it got there. No personal data can hide in what is named.
 */
const TEXT_FIELDS = [
  'code',
  'reason',
  'referenceNo',
  'journeyId',
  'inboxId',
  'outboxId',
  'eventKind',
  'channel',
  'operation',
  'outcome',
  'address',
  'taskQueue',
  'caseId',
  'runId',
  'requestId',
  'sweep',
  'checkpoint',
] as const;
const NUMBER_FIELDS = [
  'durationMs',
  'count',
  'attempts',
  'port',
  'customers',
  'journeys',
  'calls',
  'repairs',
  'failed',
] as const;

export type LogFields = { readonly [Name in (typeof TEXT_FIELDS)[number]]?: string } & {
  readonly [Name in (typeof NUMBER_FIELDS)[number]]?: number;
} & {
  /** Logged as its name, its code and the places in the code; its message is dropped, because it may quote data. */
  readonly error?: unknown;
};

export interface Logger {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
}

const LONGEST_FIELD = 300;

/** From the least severe. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Takes the role (`api`, `worker`, …) and the least severe level; writes one JSON line per entry to standard output,
 * or to the destination given.
 */
export function createLogger(role: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { role },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const inner = destination === undefined ? pino(options) : pino(options, destination);
  return {
    debug: (text, fields) => inner.debug(allowed(fields), text),
    info: (text, fields) => inner.info(allowed(fields), text),
    warn: (text, fields) => inner.warn(allowed(fields), text),
    error: (text, fields) => inner.error(allowed(fields), text),
  };
}

function allowed(fields: LogFields | undefined): Record<string, unknown> {
  if (fields === undefined) return {};
  const line: Record<string, unknown> = {};
  for (const name of TEXT_FIELDS) {
    const value = fields[name];
    if (typeof value === 'string') line[name] = value.slice(0, LONGEST_FIELD);
  }
  for (const name of NUMBER_FIELDS) {
    const value = fields[name];
    if (typeof value === 'number') line[name] = value;
  }
  if (fields.error !== undefined) line['error'] = describeError(fields.error);
  return line;
}

/** Takes anything thrown; returns what may be logged of it. */
function describeError(error: unknown): { name: string; code?: string; at?: string[] } {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error ? error.code : undefined;
  // The stack begins with the message, whose own lines may look like places.
  const stack = error.stack ?? '';
  const begin = stack.indexOf(error.message);
  const at = (begin < 0 ? '' : stack.slice(begin + error.message.length))
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(at.length > 0 ? { at } : {}),
  };
}
