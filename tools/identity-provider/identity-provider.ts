// An OpenID Connect provider for the demo and the tests: the real protocol, with people who need no password. It is no
// part of the service, which meets it over HTTP as it meets any other provider.

import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Configuration, Provider } from 'oidc-provider';
import { chooserPage } from './chooser-page.js';
import { type DemoPerson, PEOPLE } from './people.js';

export interface IdentityProviderOptions {
  readonly port: number;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Addresses under which the service is reached; each may sign people in. */
  readonly publicUrls: readonly string[];
  /** Who can sign in, as they are at that moment; those of the demo unless named. */
  readonly people?: readonly DemoPerson[];
}

export interface RunningIdentityProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

const FORM_LIMIT_BYTES = 1_000;

/** Takes the options; returns the provider, listening on loopback. Its keys and sessions live as long as it does. */
export async function startIdentityProvider(
  options: IdentityProviderOptions,
): Promise<RunningIdentityProvider> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people = options.people ?? PEOPLE;
  serve(server, new Provider(issuer, configurationOf(options, people)), people);
  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function configurationOf(
  { clientId, clientSecret, publicUrls }: IdentityProviderOptions,
  people: readonly DemoPerson[],
): Configuration {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: publicUrls.map((url) => `${url}/desk/signed-in`),
        post_logout_redirect_uris: publicUrls.map((url) => `${url}/desk`),
        grant_types: ['authorization_code'],
        response_types: ['code'],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'demo', use: 'sig', alg: 'ES256' }] },
    cookies: { keys: [clientSecret] },
    claims: { openid: ['sub'], profile: ['name', 'roles'] },
    // The claims stand in the ID token itself, as with most providers that companies use.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    ttl: {
      Interaction: 600,
      Grant: 36_000,
      Session: 36_000,
      AccessToken: 600,
      IdToken: 600,
      AuthorizationCode: 60,
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { logoutSource, postLogoutSuccessSource },
    },
    interactions: { url: (_context, interaction) => `/choose/${interaction.uid}` },
    findAccount: async (_context, subject) => {
      const person = people.find((each) => each.subject === subject);
      if (person === undefined) return undefined;
      const { name, roles } = person;
      return { accountId: subject, claims: async () => ({ sub: subject, name, roles: [...roles] }) };
    },
    // One's own application asks nobody for consent.
    loadExistingGrant: async (context) => {
      const { oidc } = context;
      const accountId = oidc.session?.accountId;
      if (oidc.client === undefined || accountId === undefined) return undefined;
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  };
}

const logoutSource: NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>['logoutSource'] =
  async (context, form) => {
    // Whoever comes from the desk's own "sign out" has said what they want.
    const nonce = form.replace('</form>', '<input type="hidden" name="logout" value="yes"/></form>');
    context.body = `<!doctype html><title>Signing out</title>${nonce}<script>document.forms[0].submit()</script>`;
  };

const postLogoutSuccessSource: NonNullable<
  NonNullable<Configuration['features']>['rpInitiatedLogout']
>['postLogoutSuccessSource'] = async (context) => {
  context.body = '<!doctype html><title>Signed out</title><p>You are signed out.</p>';
};

function serve(server: Server, provider: Provider, people: readonly DemoPerson[]): void {
  const protocol = provider.callback();
  server.on('request', (req, res) => {
    const uid = /^\/choose\/([\w-]+)$/.exec(req.url ?? '')?.[1];
    if (req.url === '/healthz') {
      res.end('ok');
    } else if (uid === undefined) {
      void protocol(req, res);
    } else if (req.method === 'GET') {
      res.setHeader('content-type', 'text/html; charset=utf-8');
      res.end(chooserPage(uid, people));
    } else {
      void choose(provider, people, req, res).catch(() => {
        res.statusCode = 400;
        res.end('This sign-in is too old. Go back to the desk and begin again.');
      });
    }
  });
}

async function choose(
  provider: Provider,
  people: readonly DemoPerson[],
  req: Parameters<Provider['interactionFinished']>[0],
  res: Parameters<Provider['interactionFinished']>[1],
): Promise<void> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > FORM_LIMIT_BYTES) throw new Error('The form is too long');
    chunks.push(chunk);
  }
  const subject = new URLSearchParams(Buffer.concat(chunks).toString()).get('subject') ?? '';
  if (!people.some((person) => person.subject === subject)) throw new Error('Nobody of that name is here');
  await provider.interactionFinished(req, res, { login: { accountId: subject } });
}
