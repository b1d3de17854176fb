import { createHmac, type KeyObject } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { ServiceConfig } from '../config/service-config.js';
import { createSecretMatcher } from '../intake/credentials.js';

/** Who calls `/v1`: one of the company's servers, somebody who operates the service, or an end customer's app. */
export type Caller =
  | {
      readonly kind: 'company';
      /** Names the API key in audit records without giving it away. */
      readonly name: string;
    }
  | {
      readonly kind: 'operator';
      /** As OPERATOR_KEYS has it; the actor in every record of what is done. */
      readonly name: string;
    }
  | { readonly kind: 'customer'; readonly customerId: string; readonly expiresAtMs: number };

export type Authentication =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly code: 'unauthenticated' | 'identity_provider_unavailable' };

export type Authenticate = (authorization: string | undefined) => Promise<Authentication>;

/** Asymmetric only: a shared secret or `none` would let whoever reads the public keys sign. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];
const JWKS_TIMEOUT_MS = 3_000;
const CLOCK_TOLERANCE_SECONDS = 5;

const REFUSED: Authentication = { kind: 'refused', code: 'unauthenticated' };

/** Takes the configuration; returns the check of an `Authorization` header. */
export function createAuthenticate(config: Pick<ServiceConfig, 'service' | 'customerJwt'>): Authenticate {
  const { apiKeys, operatorKeys, piiKey } = config.service;
  const keys: readonly { matches(credential: string): boolean; caller: Caller }[] = [
    ...apiKeys.map((key) => ({
      matches: createSecretMatcher([key]),
      caller: { kind: 'company' as const, name: nameOf(key, piiKey) },
    })),
    ...operatorKeys.map(({ name, key }) => ({
      matches: createSecretMatcher([key]),
      caller: { kind: 'operator' as const, name },
    })),
  ];
  const verifyToken = config.customerJwt === null ? null : createTokenCheck(config.customerJwt);

  return async (authorization) => {
    const credential = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (credential === undefined) return REFUSED;
    // Every key is compared, so that time does not tell which one matched.
    const [key] = keys.filter(({ matches }) => matches(credential));
    if (key !== undefined) return { kind: 'caller', caller: key.caller };
    return verifyToken === null ? REFUSED : await verifyToken(credential);
  };
}

function createTokenCheck({ issuer, audience, jwksUrl }: NonNullable<ServiceConfig['customerJwt']>) {
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: JWKS_TIMEOUT_MS });
  return async (token: string): Promise<Authentication> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      if (!payload.sub || payload.exp === undefined) return REFUSED;
      const caller = { kind: 'customer', customerId: payload.sub, expiresAtMs: payload.exp * 1_000 } as const;
      return { kind: 'caller', caller };
    } catch (error) {
      const isToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
      // jose says `JOSEError` itself where the endpoint answers, but not with keys.
      const isEndpoint = error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC';
      return isToken && !isEndpoint ? REFUSED : { kind: 'refused', code: 'identity_provider_unavailable' };
    }
  };
}

/** Keyed, so that a weak key cannot be guessed back from its name. */
function nameOf(key: string, piiKey: Uint8Array | KeyObject): string {
  return `api-key-${createHmac('sha256', piiKey).update(`api-key-name\0${key}`).digest('hex').slice(0, 8)}`;
}
