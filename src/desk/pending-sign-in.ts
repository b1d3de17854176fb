import { createHmac } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { BegunSignIn } from './identity-provider.js';

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

const SIGN_IN_SECONDS = 10 * 60;
const DIRECTLY = { alg: 'dir', enc: 'A256GCM' } as const;

/** Takes `PII_KEY`, of which a key for this one purpose is made; returns the begun sign-ins. */
export function createPendingSignIns(piiKey: Uint8Array): PendingSignIns {
  const key = createHmac('sha256', piiKey).update('desk-sign-in').digest();
  return {
    seal: ({ state, nonce, codeVerifier, returnTo }, now) =>
      new EncryptJWT({ state, nonce, codeVerifier, returnTo })
        .setProtectedHeader(DIRECTLY)
        .setExpirationTime(new Date(now.getTime() + SIGN_IN_SECONDS * 1_000))
        .encrypt(key),
    open: async (sealed, now) => {
      try {
        const { payload } = await jwtDecrypt<PendingSignIn>(sealed, key, {
          currentDate: now,
          keyManagementAlgorithms: [DIRECTLY.alg],
          contentEncryptionAlgorithms: [DIRECTLY.enc],
          requiredClaims: ['exp'],
        });
        const { state, nonce, codeVerifier, returnTo } = payload;
        return { state, nonce, codeVerifier, returnTo };
      } catch {
        return null;
      }
    },
  };
}
