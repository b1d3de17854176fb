// Addresses of others that the operator named and that need no server of ours: an answer, whatever it says, is enough.

import { withoutSecrets } from './address-table.js';

const NAMED = [
  { name: 'IDWISE_BASE_URL', otherwise: 'unset it to have the simulator started here' },
  { name: 'OIDC_ISSUER', otherwise: 'unset it to have a sign-in for development started here' },
] as const;
const ANSWERS_WITHIN_MS = 5_000;

/** Returns what to say of the first named address from which no HTTP answer comes, or null. */
export async function unansweredAddress(env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  for (const { name, otherwise } of NAMED) {
    const url = env[name] ?? '';
    if (url === '') continue;
    const problem = await answerProblem(url);
    if (problem !== null)
      return `${name} does not answer (${withoutSecrets(url)}: ${problem}). Start that server, correct ${name}, or ${otherwise}.`;
  }
  return null;
}

async function answerProblem(url: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
    const response = await fetch(url, { redirect: 'manual', signal });
    await response.body?.cancel();
    return null;
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return reason instanceof Error ? reason.message : String(reason);
  }
}
