import { Router, raw } from 'express';
import { Webhook } from 'standardwebhooks';
import { type Answer, ok, refusal } from '../idwise/answers.js';
import { simulatedEndpoint } from '../idwise/endpoint.js';
import type { Simulation } from '../idwise/simulation.js';

/** One delivery to the company's own backend, as it came. */
export interface CompanyEvent {
  atMs: number;
  webhookId: string | null;
  webhookTimestamp: string | null;
  /** The signature was checked and is right. */
  verified: boolean;
  body: unknown;
}

const keptEvents = 2000;

/**
 * The company's own backend: takes signed events by the Standard Webhooks specification, keeps them all, and
 * refuses with 401 those that it cannot verify.
 */
export function companyWebhook(simulation: Simulation): Router {
  const router = Router();
  router.post(
    '/company/webhook',
    raw({ type: () => true, limit: '1mb' }),
    simulatedEndpoint(
      simulation,
      'company-webhook',
      () => null,
      (request): Answer => {
        const text = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
        const header = (name: string) => request.get(name) ?? null;
        const headers = {
          'webhook-id': header('webhook-id') ?? '',
          'webhook-timestamp': header('webhook-timestamp') ?? '',
          'webhook-signature': header('webhook-signature') ?? '',
        };
        const verified = isSigned(simulation.config.companyWebhookSecret, text, headers);
        const events = simulation.state.companyEvents;
        events.push({
          atMs: Date.now(),
          webhookId: header('webhook-id'),
          webhookTimestamp: header('webhook-timestamp'),
          verified,
          body: parsed(text),
        });
        if (events.length > keptEvents) events.splice(0, events.length - keptEvents);
        return verified ? ok({}) : refusal(401, 'invalid_signature', 'The signature cannot be verified');
      },
    ),
  );
  router.get('/sim/company/events', (_request, response) => {
    response.json({ events: simulation.state.companyEvents });
  });
  return router;
}

function isSigned(secret: string | null, text: string, headers: Record<string, string>): boolean {
  if (secret === null) return false;
  try {
    new Webhook(secret).verify(text, headers);
    return true;
  } catch {
    return false;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
