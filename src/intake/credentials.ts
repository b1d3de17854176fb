import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import type { ServiceConfig } from '../config/service-config.js';

type WebhookIntakeConfig = ServiceConfig['webhookIntake'];

/**
 * Takes secrets; returns whether a text equals one of them. Both sides are hashed, so that lengths do not matter, and
 * every secret is compared, so that time tells nothing. No secrets: nothing is ever equal.
 */
export function createSecretMatcher(secrets: readonly string[]): (presented: string) => boolean {
  const digests = secrets.map(digest);
  return (presented) => {
    const presentedDigest = digest(presented);
    let isEqual = false;
    for (const secretDigest of digests) isEqual = timingSafeEqual(presentedDigest, secretDigest) || isEqual;
    return isEqual;
  };
}

/**
 * Takes how IDWise proves itself (contract §2: Basic, bearer or an own header; there is no signature); returns whether
 * a request's headers do.
 */
export function createCredentialsCheck(
  config: WebhookIntakeConfig,
): (headers: IncomingHttpHeaders) => boolean {
  const matches = createSecretMatcher(config.secrets);
  const { auth } = config;
  switch (auth.kind) {
    case 'header':
      return (headers) => {
        const value = headers[auth.name];
        return typeof value === 'string' && matches(value);
      };
    case 'bearer':
      return ({ authorization }) => {
        const token = credentialsOf('bearer', authorization);
        return token !== null && matches(token);
      };
    case 'basic':
      return ({ authorization }) => {
        const encoded = credentialsOf('basic', authorization);
        return encoded !== null && matches(Buffer.from(encoded, 'base64').toString('utf8'));
      };
  }
}

/** Takes addresses and ranges (empty: any); returns whether a socket's remote address is among them. */
export function createAddressCheck(allowed: readonly string[]): (address: string | undefined) => boolean {
  if (allowed.length === 0) return () => true;
  const list = new BlockList();
  for (const entry of allowed) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    if (address === undefined) return false;
    // A socket that listens on both families shows IPv4 as ::ffff:203.0.113.7.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
    return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}

function credentialsOf(scheme: 'basic' | 'bearer', authorization: string | undefined): string | null {
  if (authorization === undefined || authorization.length <= scheme.length + 1) return null;
  if (authorization.slice(0, scheme.length + 1).toLowerCase() !== `${scheme} `) return null;
  return authorization.slice(scheme.length + 1).trim();
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
