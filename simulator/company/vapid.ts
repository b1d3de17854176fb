import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';

/** The application server that sent a push, by its VAPID token (RFC 8292). */
export interface VapidIdentity {
  publicKey: string;
  subject: string | null;
}

const claimsOf = z.object({ aud: z.string(), exp: z.number(), sub: z.string().optional() });

/**
 * Verifies `Authorization: vapid t=…, k=…`: the signature, the audience and the expiry.
 *
 * @param audience the origin of the push service
 * @returns null when anything of it is missing or wrong
 */
export function readVapid(header: string | undefined, audience: string): VapidIdentity | null {
  const token = /(?:^vapid |[ ,])t=([^, ]+)/i.exec(header ?? '')?.[1];
  const publicKey = /(?:^vapid |[ ,])k=([^, ]+)/i.exec(header ?? '')?.[1];
  const [head, body, signature] = token?.split('.') ?? [];
  if (!publicKey || !head || !body || !signature) return null;
  try {
    const point = Buffer.from(publicKey, 'base64url');
    const key = createPublicKey({
      format: 'jwk',
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: point.subarray(1, 33).toString('base64url'),
        y: point.subarray(33, 65).toString('base64url'),
      },
    });
    const signed = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    const claims = claimsOf.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
    if (!signed || claims.aud !== audience || claims.exp * 1000 < Date.now()) return null;
    return { publicKey, subject: claims.sub ?? null };
  } catch {
    return null;
  }
}
