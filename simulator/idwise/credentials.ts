import { timingSafeEqual } from 'node:crypto';
import { type Answer, refusal } from './answers.js';

/**
 * Checks the backend's credentials: HTTP Basic, API key and API secret (contract §3.1, §3.11).
 *
 * @param header the Authorization header
 * @returns null when they are right, else the answer
 */
export function refuseCredentials(
  header: string | undefined,
  expected: { apiKey: string; apiSecret: string },
): Answer | null {
  if (header === undefined || header === '') {
    return refusal(401, 'missing_authorization_header', 'The Authorization header is missing');
  }
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header.trim())?.[1];
  const pair = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  if (!pair.includes(':')) {
    return refusal(401, 'invalid_authentication_format', 'The Authorization header is malformed');
  }
  const given = Buffer.from(pair, 'utf8');
  const wanted = Buffer.from(`${expected.apiKey}:${expected.apiSecret}`, 'utf8');
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return null;
  return refusal(401, 'invalid_credentials', 'The API key or the API secret is wrong');
}
