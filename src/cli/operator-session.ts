import { findOperatorAccess } from './operator-access.js';
import { type Asked, createOperatorClient, type OperatorClient } from './operator-client.js';

/**
 * How a command ends: 0 all done; 1 something of it was refused, not found or not done; 2 the service could not be
 * asked: it does not answer, or does not take the key.
 */
export type ExitCode = 0 | 1 | 2;

/** What a command talks to, and by which it talks. */
export interface OperatorSession {
  readonly client: OperatorClient;
  /** Results: standard output. */
  print(text: string): void;
  /** All else: standard error, so that `--json` can be piped on. */
  say(text: string): void;
}

interface Streams {
  readonly print: (text: string) => void;
  readonly say: (text: string) => void;
}

/** Takes the environment and where to write; returns the session, or null where it has been said what is missing. */
export function openOperatorSession(
  env: Readonly<Record<string, string | undefined>>,
  { print, say }: Streams,
): OperatorSession | null {
  const found = findOperatorAccess(env);
  if (found.kind === 'none') {
    say(`${found.problem}.`);
    return null;
  }
  if (found.access.remark !== null) say(found.access.remark);
  return { client: createOperatorClient(found.access), print, say };
}

const NOT_OURS: ReadonlySet<string> = new Set([
  'unauthenticated',
  'wrong_credential',
  'operators_not_configured',
]);

/** Takes a session and an answer that is none; says what is wrong and how to mend it, and returns the exit code. */
export function sayWhy(
  { client, say }: OperatorSession,
  asked: Exclude<Asked<unknown>, { kind: 'answer' }>,
): ExitCode {
  if (asked.kind === 'unreachable') {
    say(asked.text);
    return 2;
  }
  switch (asked.code) {
    case 'unauthenticated':
      say(
        `${client.serviceUrl} does not know this key. OPERATOR_KEY is the part behind the colon of an entry in OPERATOR_KEYS of the service.`,
      );
      break;
    case 'wrong_credential':
      say('This is one of API_KEYS. Operators have keys of their own: OPERATOR_KEYS of the service.');
      break;
    default:
      say(`${asked.text} (${asked.code})`);
  }
  return NOT_OURS.has(asked.code) ? 2 : 1;
}
