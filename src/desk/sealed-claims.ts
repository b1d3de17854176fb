import { createHmac } from 'node:crypto';
import { EncryptJWT, type JWTPayload, jwtDecrypt } from 'jose';

/** Keeps what this service says where others could read or write it: only we can, and each thing for one purpose. */
export interface Seal<Claims extends JWTPayload> {
  /** Takes claims and the time after which they are worth nothing; returns their text. */
  seal(claims: Claims, endsAt: Date): Promise<string>;
  /** Takes a text; returns the claims, or null where their time is over or they are none of ours. */
  open(sealed: string, now: Date): Promise<Claims | null>;
}

const DIRECTLY = { alg: 'dir', enc: 'A256GCM' } as const;

/** Takes `PII_KEY` and what for, of which a key for this one purpose is made; returns the seal. */
export function createSeal<Claims extends JWTPayload>(piiKey: Uint8Array, purpose: string): Seal<Claims> {
  const key = createHmac('sha256', piiKey).update(purpose).digest();
  return {
    seal: (claims, endsAt) =>
      new EncryptJWT(claims).setProtectedHeader(DIRECTLY).setExpirationTime(endsAt).encrypt(key),
    open: async (sealed, now) => {
      try {
        const { payload } = await jwtDecrypt<Claims>(sealed, key, {
          currentDate: now,
          keyManagementAlgorithms: [DIRECTLY.alg],
          contentEncryptionAlgorithms: [DIRECTLY.enc],
          requiredClaims: ['exp'],
        });
        return payload;
      } catch {
        return null;
      }
    },
  };
}
