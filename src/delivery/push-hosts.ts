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
 * Takes the endpoint and the hosts that the operator allows beside the known push services, each as `host` or
 * `host:port`; returns true when it may be used: a known service by https on its usual port, or an allowed host by
 * https (a loopback host also by http, for tests and the demo). No endpoint may carry credentials.
 */
export function isAllowedPushEndpoint(endpoint: string, extraHosts: readonly string[]): boolean {
  if (!URL.canParse(endpoint)) return false;
  const url = new URL(endpoint);
  if (url.username !== '' || url.password !== '') return false;
  if (isKnownService(url)) return true;
  if (!extraHosts.some((extra) => namesHostOf(extra.trim().toLowerCase(), url))) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function isKnownService(url: URL): boolean {
  if (url.protocol !== 'https:' || url.port !== '') return false;
  return (
    KNOWN_HOSTS.includes(url.hostname) || KNOWN_DOMAINS.some((domain) => url.hostname.endsWith(`.${domain}`))
  );
}

function namesHostOf(extra: string, url: URL): boolean {
  const port = url.port !== '' ? url.port : url.protocol === 'https:' ? '443' : '80';
  return extra === url.hostname || extra === `${url.hostname}:${port}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
