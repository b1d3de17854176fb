import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceConfig } from '../config/service-config.js';
import { createAddressCheck, createCredentialsCheck } from '../intake/credentials.js';
import type { Intake } from '../intake/intake.js';
import type { Metrics } from '../observability/metrics.js';
import { bodyRefusal, MOST_BODY_BYTES, parseJson } from './json-body.js';
import { PROBLEMS, type ProblemCode, sendProblem } from './problems.js';

export const WEBHOOK_PATH = '/webhooks/idwise';
const ACCEPTED_HEADERS = { 'Content-Length': '0' };

interface Dependencies {
  readonly config: ServiceConfig['webhookIntake'];
  readonly intake: Intake;
  readonly metrics: Metrics;
}

/**
 * Makes the handler of IDWise's webhooks. It works on Node's own request and response and comes before every
 * middleware: it needs the raw bytes, none of what middleware adds, and it carries the service's peak load.
 *
 * Order of checks: address and credentials before a byte of the body is read, then size, then JSON. An empty body is
 * an event without a name, because what the portal's test call sends is not documented (contract §2).
 */
export function createWebhookHandler({ config, intake, metrics }: Dependencies) {
  const isAllowedAddress = createAddressCheck(config.allowedIps);
  const hasCredentials = createCredentialsCheck(config);
  // Some senders show their password only when they are asked for it by its scheme.
  const challenge = config.auth.kind === 'basic' ? 'Basic realm="webhooks", charset="UTF-8"' : 'Bearer';

  /** What is left of the body Node reads and throws away, within the server's request timeout. */
  function refuse(res: ServerResponse, code: ProblemCode): void {
    metrics.webhookAnswered(PROBLEMS[code].status);
    sendProblem(res, code, undefined, challenge);
  }

  async function accept(res: ServerResponse, raw: Buffer): Promise<void> {
    const read = parseJson(raw, NO_EVENT);
    if (read.kind === 'not_json') {
      refuse(res, 'not_json');
      return;
    }
    if ((await intake.acceptWebhook(read.value, raw)) === 'not_stored') {
      refuse(res, 'not_stored');
      return;
    }
    metrics.webhookAnswered(200);
    res.writeHead(200, ACCEPTED_HEADERS);
    res.end();
  }

  return (req: IncomingMessage, res: ServerResponse): void => {
    if (!isAllowedAddress(req.socket.remoteAddress) || !hasCredentials(req.headers)) {
      refuse(res, 'webhook_unauthenticated');
      return;
    }
    const refused = bodyRefusal(req);
    if (refused !== null) {
      refuse(res, refused);
      return;
    }
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BODY_BYTES) {
        if (!res.headersSent) refuse(res, 'body_too_large');
      } else if (first === undefined) {
        first = chunk;
      } else {
        rest = rest ?? [first];
        rest.push(chunk);
      }
    });
    req.on('end', () => {
      if (bytes > MOST_BODY_BYTES) return;
      void accept(res, rest === undefined ? (first ?? EMPTY) : Buffer.concat(rest));
    });
    // A sender that hangs up half-way has sent no event; without a listener the error would end the process.
    req.on('error', () => {});
  };
}

const EMPTY = Buffer.alloc(0);
/** What an empty body says. */
const NO_EVENT = {};
