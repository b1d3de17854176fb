import type { BegunSignIn } from './identity-provider.js';
import { createSeal } from './sealed-claims.js';

/** What is remembered of a sign-in until the person comes back from the identity provider. */
export interface PendingSignIn extends Omit<BegunSignIn, 'url'> {
  /** The page that they wanted, a path of ours. */
  readonly returnTo: string;
}

/**
 * Keeps begun sign-ins in the browsers of those who began them, encrypted, and nothing on the server: anybody on the
 * network may begin one, and must not be able to fill the database by it. That one can be opened again within its ten
 * minutes gives nothing away, because the identity provider takes its code once.
 */
export interface PendingSignIns {
  /** Takes a begun sign-in; returns the cookie's text, good for ten minutes. */
  seal(signIn: PendingSignIn, now: Date): Promise<string>;
  /** Takes a cookie's text; returns the sign-in, or null where it is too old or none of ours. */
  open(sealed: string, now: Date): Promise<PendingSignIn | null>;
}

const SIGN_IN_MS = 10 * 60_000;

/** Takes `PII_KEY`; returns the begun sign-ins. */
export function createPendingSignIns(piiKey: Uint8Array): PendingSignIns {
  const seal = createSeal<Claims>(piiKey, 'desk-sign-in');
  return {
    seal: ({ state, nonce, codeVerifier, returnTo }, now) =>
      seal.seal({ state, nonce, codeVerifier, returnTo }, new Date(now.getTime() + SIGN_IN_MS)),
    open: async (sealed, now) => {
      const claims = await seal.open(sealed, now);
      if (claims === null) return null;
      const { state, nonce, codeVerifier, returnTo } = claims;
      return { state, nonce, codeVerifier, returnTo };
    },
  };
}

type Claims = Record<keyof PendingSignIn, string>;
