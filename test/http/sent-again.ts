import { setTimeout as pause } from 'node:timers/promises';

/** By these the service says that nothing is wrong with a request but the moment. */
const COME_AGAIN = new Set<unknown>(['not_stored', 'storage_unavailable', 'workflow_unavailable']);
const PATIENCE_MS = 30_000;
const GAP_MS = 200;

/**
 * Takes how something is sent and how the body of an answer is found; sends it as every caller of the service should: what
 * is answered 503 is sent again, for a busy machine may keep MongoDB or Temporal from answering in time. Returns the last
 * answer.
 */
export async function sentAgain<Answer extends { readonly status: number }>(
  send: () => Promise<Answer>,
  bodyOf: (answer: Answer) => unknown,
): Promise<Answer> {
  const endsAtMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await send();
    const mayPass = answer.status === 503 && COME_AGAIN.has(codeOf(bodyOf(answer)));
    if (!mayPass || Date.now() > endsAtMs) return answer;
    await pause(GAP_MS);
  }
}

function codeOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : null;
}
