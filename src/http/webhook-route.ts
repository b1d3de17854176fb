import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceConfig } from '../config/service-config.js';
import { createAddressCheck, createCredentialsCheck } from '../intake/credentials.js';
import type { Intake } from '../intake/intake.js';
import type { Metrics } from '../observability/metrics.js';
import { PROBLEMS, type ProblemCode, sendProblem } from './problems.js';

export const WEBHOOK_PATH = '/webhooks/idwise';
const MOST_BYTES = 64 * 1024;
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

  /** What is left of the body Node reads and throws away, within the server's request timeout. */
  function refuse(res: ServerResponse, code: ProblemCode): void {
    metrics.webhookAnswered(PROBLEMS[code].status);
    sendProblem(res, code);
  }

  async function accept(res: ServerResponse, raw: Buffer): Promise<void> {
    const json = parse(raw);
    if (json === NOT_JSON) {
      refuse(res, 'not_json');
      return;
    }
    if ((await intake.acceptWebhook(json, raw)) === 'not_stored') {
      refuse(res, 'not_stored');
      return;
    }
    metrics.webhookAnswered(200);
    res.writeHead(200, ACCEPTED_HEADERS);
    res.end();
  }

  return (req: IncomingMessage, res: ServerResponse): void => {
    const { headers } = req;
    if (!isAllowedAddress(req.socket.remoteAddress) || !hasCredentials(headers)) {
      refuse(res, 'webhook_unauthenticated');
      return;
    }
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      refuse(res, 'content_encoding_refused');
      return;
    }
    if (Number(headers['content-length'] ?? 0) > MOST_BYTES) {
      refuse(res, 'body_too_large');
      return;
    }
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) {
        if (!res.headersSent) refuse(res, 'body_too_large');
      } else if (first === undefined) {
        first = chunk;
      } else {
        rest = rest ?? [first];
        rest.push(chunk);
      }
    });
    req.on('end', () => {
      if (bytes > MOST_BYTES) return;
      void accept(res, rest === undefined ? (first ?? EMPTY) : Buffer.concat(rest));
    });
    // A sender that hangs up half-way has sent no event; without a listener the error would end the process.
    req.on('error', () => {});
  };
}

const EMPTY = Buffer.alloc(0);
const NOT_JSON = Symbol('not JSON');

function parse(raw: Buffer): unknown {
  if (!isUtf8(raw)) return NOT_JSON;
  const text = raw.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}
