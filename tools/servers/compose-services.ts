// This project's own docker-compose services, recognised by what they say of themselves at the ports that
// docker-compose.yml publishes; a stranger who happens to listen there is left alone.

import { mongodbHello } from './mongodb-server.js';
import { canConnect } from './ports.js';
import { temporalServes } from './temporal-server.js';

/** These stand in docker-compose.yml too; a test holds the two together. */
export const COMPOSE = {
  mongodbPort: 27217,
  replicaSet: 'idwise-compose',
  temporalPort: 7333,
  temporalUiPort: 8333,
  /** A namespace beside the one that the composed API uses, so that the two stacks never share a workflow. */
  temporalNamespace: 'idwise-start',
  smtpPort: 1125,
  mailUiPort: 8125,
  mailLabel: 'idwise-compose',
} as const;

const ANSWER_WITHIN_MS = 2_000;

/** Whether the composed MongoDB runs; else the reason. */
export async function composeMongodbProblem(): Promise<string | null> {
  if (!(await canConnect('127.0.0.1', COMPOSE.mongodbPort))) return 'not running';
  const uri = `mongodb://127.0.0.1:${COMPOSE.mongodbPort}/?directConnection=true`;
  const hello = await mongodbHello(uri, ANSWER_WITHIN_MS).catch(() => null);
  return hello?.setName === COMPOSE.replicaSet && hello.isWritablePrimary
    ? null
    : `port ${COMPOSE.mongodbPort} is in use, but not by the composed MongoDB`;
}

/** Whether the composed Temporal runs; else the reason. */
export async function composeTemporalProblem(): Promise<string | null> {
  const address = `127.0.0.1:${COMPOSE.temporalPort}`;
  if (!(await canConnect('127.0.0.1', COMPOSE.temporalPort))) return 'not running';
  const ours = await temporalServes(address, COMPOSE.temporalNamespace, ANSWER_WITHIN_MS).catch(() => false);
  return ours ? null : `port ${COMPOSE.temporalPort} is in use, but not by the composed Temporal`;
}

/** Whether the composed mailbox (Mailpit) runs; else the reason. */
export async function composeMailProblem(): Promise<string | null> {
  if (!(await canConnect('127.0.0.1', COMPOSE.mailUiPort))) return 'not running';
  try {
    const response = await fetch(`http://127.0.0.1:${COMPOSE.mailUiPort}/api/v1/webui`, {
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const body = (await response.json()) as { Label?: unknown };
    if (body.Label === COMPOSE.mailLabel) return null;
  } catch {
    // Answers something else, or nothing.
  }
  return `port ${COMPOSE.mailUiPort} is in use, but not by the composed mailbox`;
}
