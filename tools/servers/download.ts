// Fetching a published archive, where the machine is allowed to.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Report } from './progress.js';

const REACHABLE_WITHIN_MS = 3_000;
const SILENCE_LIMIT_MS = 30_000;

/**
 * Fetches a file over HTTPS. First asks whether the server can be reached at all, for 3 s at most, because a
 * network that swallows packets would otherwise cost minutes.
 * Returns null when the file is there, else the reason.
 */
export async function download(url: string, target: string, report: Report): Promise<string | null> {
  const unreachable = await reachabilityProblem(url);
  if (unreachable !== null) return unreachable;
  report(`Downloading ${url} …`);
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_LIMIT_MS);
  let received = 0;
  let reportedMs = Date.now();
  try {
    const response = await fetch(url, { signal: silence.signal });
    if (!response.ok || response.body === null) return `${new URL(url).host} answered ${response.status}`;
    const totalBytes = Number(response.headers.get('content-length') ?? 0);
    const body = Readable.fromWeb(response.body);
    body.on('data', (chunk: Buffer) => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_LIMIT_MS);
      received += chunk.length;
      if (Date.now() - reportedMs < 5_000) return;
      reportedMs = Date.now();
      report(`  … ${megabytes(received)}${totalBytes > 0 ? ` of ${megabytes(totalBytes)}` : ''}`);
    });
    await pipeline(body, createWriteStream(target));
    return null;
  } catch (error) {
    return `download broke off after ${megabytes(received)}: ${reasonOf(error)}`;
  } finally {
    clearTimeout(timer);
  }
}

async function reachabilityProblem(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) });
    return response.ok ? null : `${new URL(url).host} answered ${response.status}`;
  } catch (error) {
    return `${new URL(url).host} cannot be reached (${reasonOf(error)})`;
  }
}

/** The small text file at an address (a published checksum), or null. */
export async function downloadText(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

/** The SHA-256 of a file, in lower-case hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  if (cause instanceof Error && cause.message !== '') return cause.message;
  return error.name === 'TimeoutError' || error.name === 'AbortError' ? 'no answer in time' : error.message;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
