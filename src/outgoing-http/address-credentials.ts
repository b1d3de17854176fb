/**
 * `fetch` refuses an address with user and password in it, which operators do write; they become the header that they
 * mean, so that they stand in no URL.
 *
 * Takes the address; returns it without credentials, and the headers that carry them.
 * @throws URIError when they are not well percent-encoded.
 */
export function withoutCredentials(address: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(address);
  if (url.username === '' && url.password === '') return { url, headers: {} };
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url, headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } };
}
