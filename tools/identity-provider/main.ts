// The demo's identity provider as a process of its own; configured by environment, started by npm start.

import { startIdentityProvider } from './identity-provider.js';

const { IDP_PORT, IDP_CLIENT_ID, IDP_CLIENT_SECRET, IDP_PUBLIC_URLS } = process.env;
if (!IDP_PORT || !IDP_CLIENT_ID || !IDP_CLIENT_SECRET || !IDP_PUBLIC_URLS) {
  process.stderr.write('IDP_PORT, IDP_CLIENT_ID, IDP_CLIENT_SECRET and IDP_PUBLIC_URLS must be set.\n');
  process.exit(1);
}
const provider = await startIdentityProvider({
  port: Number(IDP_PORT),
  clientId: IDP_CLIENT_ID,
  clientSecret: IDP_CLIENT_SECRET,
  publicUrls: IDP_PUBLIC_URLS.split(','),
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void provider.close());
