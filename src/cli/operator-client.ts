import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { problem } from '../http/schemas.js';
import type { OperatorAccess } from './operator-access.js';

/** The operators' API, as seen from a terminal. */
export interface OperatorClient {
  readonly serviceUrl: string;
  /** Takes a path below `/v1/operator`, the schema of the answer and, for a POST, the body; never rejects. */
  ask<Value>(path: string, schema: z.ZodType<Value>, body?: unknown): Promise<Asked<Value>>;
}

export type Asked<Value> =
  | { readonly kind: 'answer'; readonly value: Value }
  /** The service says no, and why. */
  | { readonly kind: 'problem'; readonly status: number; readonly code: string; readonly text: string }
  /** Nothing came of it that would be the service's word. */
  | { readonly kind: 'unreachable'; readonly text: string };

const TIMEOUT_MS = 30_000;

/** Takes where the service is and the key; returns the client. */
export function createOperatorClient({ serviceUrl, key }: OperatorAccess): OperatorClient {
  return {
    serviceUrl,
    ask: async (path, schema, body) => {
      const sent = await sendPatiently(`${serviceUrl}/v1/operator${path}`, key, body);
      if (sent.kind === 'unreachable') return sent;
      if (sent.status >= 200 && sent.status < 300) {
        const read = schema.safeParse(sent.json);
        return read.success
          ? { kind: 'answer', value: read.data }
          : unreachable(`What answers at ${serviceUrl} is not this service, or of another release.`);
      }
      const told = problem.safeParse(sent.json);
      if (!told.success)
        return unreachable(`${serviceUrl} answers ${sent.status}, which is not this service's word.`);
      const details = (told.data.errors ?? []).map((error) => `\n  ${error.at}: ${error.problem}`).join('');
      return {
        kind: 'problem',
        status: sent.status,
        code: told.data.code,
        text: `${told.data.detail}${details}`,
      };
    },
  };
}

type Sent =
  | { readonly kind: 'sent'; readonly status: number; readonly json: unknown }
  | Extract<Asked<never>, { kind: 'unreachable' }>;

const COMES_BACK_WITHIN_MS = 15_000;
const GAP_MS = 1_000;

/**
 * What only reads is asked for again where the service says that it is only the moment (503): a MongoDB that has lost its
 * primary has another one within seconds. What changes something is sent once; whoever sent it knows what they want.
 */
async function sendPatiently(url: string, key: string, body: unknown): Promise<Sent> {
  const endsAtMs = Date.now() + COMES_BACK_WITHIN_MS;
  for (;;) {
    const sent = await send(url, key, body);
    const mayPass = body === undefined && sent.kind === 'sent' && sent.status === 503;
    if (!mayPass || Date.now() > endsAtMs) return sent;
    await pause(GAP_MS);
  }
}

async function send(url: string, key: string, body: unknown): Promise<Sent> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      // A key goes nowhere but where it was sent to.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { kind: 'sent', status: response.status, json: jsonOf(text) };
  } catch (error) {
    return unreachable(
      `${new URL(url).origin} does not answer (${reasonOf(error)}). Is the API running? SERVICE_URL names it.`,
    );
  }
}

function unreachable(text: string): Extract<Asked<never>, { kind: 'unreachable' }> {
  return { kind: 'unreachable', text };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const failed = z.object({ cause: z.object({ code: z.string() }) });

/** undici hides why a connection failed in the cause. */
function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `no answer in ${TIMEOUT_MS / 1_000} s`;
  const read = failed.safeParse(error);
  return read.success ? read.data.cause.code : 'no connection';
}
