import { timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';

/**
 * Takes a request that would change something and our public address; returns true when a page of ours sent it. Browsers
 * say so in `Sec-Fetch-Site`, older ones by `Origin`; a request with neither does not come from a page.
 */
export function isOwnOrigin(req: Request, publicUrl: string): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return req.headers.origin === new URL(publicUrl).origin;
}

/** Takes a request that a person may make by a link or by hand; returns true when another site has made them. */
export function comesFromElsewhere(req: Request): boolean {
  const site = req.headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** Takes what a request names and what the session holds; returns true when they are the same, in constant time. */
export function namesToken(req: Request, csrfToken: string): boolean {
  const named = Buffer.from(String(req.headers['x-csrf-token'] ?? ''));
  const held = Buffer.from(csrfToken);
  return named.length === held.length && timingSafeEqual(named, held);
}
