import { Webhook } from 'standardwebhooks';
import { postOnce } from './http-post.js';
import { type MessageOf, retry, type SendOutcome } from './send-outcome.js';

/** Below the 20 s that Temporal gives an attempt, with room for reading and writing the outbox row. */
const TIMEOUT_MS = 10_000;

/** Sends signed events to the company's backend. */
export interface CompanyWebhook {
  /** Takes the outbox id, the stored event and the time of the attempt; returns what came of it. Never rejects. */
  send(outboxId: string, message: MessageOf<'company_webhook'>, at: Date): Promise<SendOutcome>;
}

/**
 * The signed event by the Standard Webhooks specification. The operator names the address, so it may be a private one.
 *
 * Takes the address and one or two secrets (`whsec_…`): with two, the event bears a signature under each, so that the
 * company can change its secret without missing an event. Returns the sender.
 * @throws when a secret is not base64; the configuration is validated at start, so this is a bug.
 */
export function createCompanyWebhook(options: {
  readonly url: string;
  readonly secrets: readonly string[];
}): CompanyWebhook {
  const signers = options.secrets.map((secret) => new Webhook(secret));
  return {
    async send(outboxId, message, at) {
      const body = JSON.stringify(message.event);
      const result = await postOnce({
        url: options.url,
        headers: {
          'content-type': 'application/json',
          'webhook-id': outboxId,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
          'webhook-signature': signers.map((signer) => signer.sign(outboxId, at, body)).join(' '),
        },
        body,
        timeoutMs: TIMEOUT_MS,
      });
      if (result.kind === 'failed') return retry(result.code);
      if (result.status >= 200 && result.status < 300) return { kind: 'delivered' };
      const code = `http_${result.status}`;
      if (result.status === 410) return { kind: 'given_up', code, alarm: 'company_webhook_gone' };
      const heeded = result.status === 429 || result.status === 503;
      return { kind: 'retry', code, retryAfterMs: heeded ? result.retryAfterMs : null, alarm: null };
    },
  };
}
