/** The push services of the browsers (Chrome, Edge, Opera; Firefox; Safari; Edge on Windows). */
const KNOWN_HOSTS: readonly string[] = ['fcm.googleapis.com', 'web.push.apple.com'];
const KNOWN_DOMAINS: readonly string[] = [
  'push.services.mozilla.com',
  'push.apple.com',
  'notify.windows.com',
];

/**
 * Whether pushes may go to an endpoint. An endpoint comes from a browser, by way of whoever calls our API, so without
 * this rule anyone could make the service post into its own network.
 *
 * Takes the endpoint and the hosts that the operator allows beside the known push services, each with its port where
 * that is not the usual one of its scheme; returns true when the endpoint may be used: a known service by https on its
 * usual port, or an allowed host, which may speak http, because the operator knows it. No endpoint may carry
 * credentials.
 */
export function isAllowedPushEndpoint(endpoint: string, extraHosts: readonly string[]): boolean {
  if (!URL.canParse(endpoint)) return false;
  const url = new URL(endpoint);
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
  return isKnownService(url) || extraHosts.some((extra) => namesHostOf(extra.trim().toLowerCase(), url));
}

function isKnownService(url: URL): boolean {
  if (url.protocol !== 'https:' || url.port !== '') return false;
  return (
    KNOWN_HOSTS.includes(url.hostname) || KNOWN_DOMAINS.some((domain) => url.hostname.endsWith(`.${domain}`))
  );
}

/** `url.host` lacks the port where it is the usual one, which an operator may write all the same. */
function namesHostOf(extra: string, url: URL): boolean {
  const usualPort = url.protocol === 'https:' ? '443' : '80';
  return extra === url.host || (url.port === '' && extra === `${url.host}:${usualPort}`);
}
