import * as oidc from 'openid-client';
import { isLoopback } from '../config/loopback.js';
import type { Role } from '../domain/cases/roles.js';
import { rolesOf } from './roles-claim.js';

/** Where people sign in: the company's own OpenID Connect provider. */
export interface IdentityProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Name of the claim that holds a person's roles. */
  readonly rolesClaim: string;
  /** Where the provider sends people back to. */
  readonly redirectUri: string;
}

/** Who signed in. The subject names the person in every record; the name is for the eye. */
export interface Person {
  readonly subject: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** What is to be remembered of a sign-in until the person comes back. */
export interface BegunSignIn {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export type SignedIn =
  | { readonly kind: 'person'; readonly person: Person; readonly idToken: string }
  /** The provider, or somebody in between, sent what does not belong to the sign-in that was begun. */
  | { readonly kind: 'refused'; readonly code: string };

export interface IdentityProvider {
  /** Begins a sign-in. Rejects when the provider does not answer. */
  begin(): Promise<BegunSignIn>;
  /** Takes the address that the person came back to and what was remembered; returns who they are. */
  finish(callbackUrl: URL, begun: Omit<BegunSignIn, 'url'>): Promise<SignedIn>;
  /** Takes the token of the sign-in and where to go afterwards; returns where the provider ends its own session. */
  signOutUrl(idToken: string, returnTo: string): Promise<string | null>;
}

const TIMEOUT_SECONDS = 5;

/**
 * OpenID Connect by the authorization code with PKCE, state and nonce. The provider's description is fetched at the
 * first sign-in, so that the service starts while the provider is down, and again after a failure.
 *
 * Takes the provider and our registration with it; returns the way to sign in.
 */
export function createIdentityProvider(options: IdentityProviderOptions): IdentityProvider {
  const issuer = new URL(options.issuer);
  // Plain HTTP is for the provider of a demo on this very machine.
  const isInsecure = issuer.protocol === 'http:' && isLoopback(issuer.hostname);
  let discovered: Promise<oidc.Configuration> | null = null;

  function configuration(): Promise<oidc.Configuration> {
    discovered ??= oidc
      .discovery(issuer, options.clientId, options.clientSecret, undefined, {
        timeout: TIMEOUT_SECONDS,
        execute: isInsecure ? [oidc.allowInsecureRequests] : [],
      })
      .catch((error: unknown) => {
        discovered = null;
        throw error;
      });
    return discovered;
  }

  return {
    async begin() {
      const codeVerifier = oidc.randomPKCECodeVerifier();
      const begun = { state: oidc.randomState(), nonce: oidc.randomNonce(), codeVerifier };
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: options.redirectUri,
        scope: 'openid profile',
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, ...begun };
    },

    async finish(callbackUrl, { state, nonce, codeVerifier }) {
      try {
        const tokens = await oidc.authorizationCodeGrant(await configuration(), callbackUrl, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined || tokens.id_token === undefined)
          return { kind: 'refused', code: 'no_claims' };
        const name = [claims['name'], claims['preferred_username'], claims.sub].find(
          (text): text is string => typeof text === 'string' && text !== '',
        );
        return {
          kind: 'person',
          idToken: tokens.id_token,
          person: {
            subject: claims.sub,
            name: name ?? claims.sub,
            roles: rolesOf(claims[options.rolesClaim]),
          },
        };
      } catch (error) {
        return { kind: 'refused', code: codeOf(error) };
      }
    },

    async signOutUrl(idToken, returnTo) {
      const config = await configuration();
      if (config.serverMetadata().end_session_endpoint === undefined) return null;
      const url = oidc.buildEndSessionUrl(config, {
        id_token_hint: idToken,
        post_logout_redirect_uri: returnTo,
      });
      return url.href;
    },
  };
}

function codeOf(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    // In the address that somebody came back by it is whatever they wrote.
    return /^[a-z_]{1,40}$/.test(error.error) ? error.error : 'refused';
  return error instanceof oidc.ClientError ? (error.code ?? 'refused') : 'unreachable';
}
