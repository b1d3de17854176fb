import { Buffer } from 'node:buffer';

/** Where the account's webhooks go and how they are authenticated (contract §2). */
export interface WebhookTarget {
  url: string;
  /** `basic` (secret `user:password`), `bearer`, `header:<Name>`; null: no authentication. */
  auth: string | null;
  secret: string;
}

/**
 * The header that carries the credentials.
 *
 * @throws when the method is none of the documented ones
 */
export function credentialHeader(auth: string | null, secret: string): Record<string, string> {
  if (auth === null || auth === '') return {};
  if (auth === 'basic') return { authorization: `Basic ${Buffer.from(secret, 'utf8').toString('base64')}` };
  if (auth === 'bearer') return { authorization: `Bearer ${secret}` };
  if (auth.startsWith('header:') && auth.length > 'header:'.length) {
    return { [auth.slice('header:'.length)]: secret };
  }
  throw new Error(`webhook authentication must be basic, bearer or header:<Name>, not "${auth}"`);
}

/**
 * Sends one webhook. Redirects are not followed, and no more than the status is read of the answer.
 *
 * @returns the status; null with a cause when no answer came in time
 */
export async function postWebhook(
  target: WebhookTarget,
  envelope: unknown,
  options: { credentials: 'configured' | 'none' | 'wrong'; timeoutMs: number; signal: AbortSignal },
): Promise<{ status: number | null; failure: 'timeout' | 'connection' | null }> {
  const credentials =
    options.credentials === 'none'
      ? {}
      : credentialHeader(
          target.auth,
          options.credentials === 'wrong' ? `${target.secret}-wrong` : target.secret,
        );
  const cut = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    cut.abort();
  }, options.timeoutMs);
  const stop = () => cut.abort();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) cut.abort();
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'idwise-simulator', ...credentials },
      body: JSON.stringify(envelope) ?? '',
      redirect: 'manual',
      signal: cut.signal,
    });
    await response.arrayBuffer();
    return { status: response.status, failure: null };
  } catch {
    return { status: null, failure: timedOut ? 'timeout' : 'connection' };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stop);
  }
}
