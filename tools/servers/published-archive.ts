// A program out of an archive that its makers publish together with checksums.

import { chmodSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runCommand } from './command.js';
import { download, downloadText, sha256OfFile } from './download.js';
import type { Report } from './progress.js';

export interface PublishedArchive {
  /** A gzipped tar file. */
  readonly url: string;
  /** A text file with lines of SHA-256 and file name, as `sha256sum` writes them. */
  readonly checksumsUrl: string;
  /** The file's name of the one program that is wanted, wherever it lies inside. */
  readonly program: string;
}

/**
 * Puts the program of an archive into a folder, under its own name and nothing else.
 * Returns null, or the reason why it could not: not reachable, checksum wrong or missing, archive broken.
 */
export async function unpackPublished(
  archive: PublishedArchive,
  folder: string,
  report: Report,
): Promise<string | null> {
  const file = join(folder, 'archive.tar.gz');
  const failure = await download(archive.url, file, report);
  if (failure !== null) return failure;
  const checksums = await downloadText(archive.checksumsUrl);
  if (checksums === null) return `${archive.checksumsUrl} cannot be read, so the download cannot be checked`;
  const published = publishedSha256(checksums, basename(new URL(archive.url).pathname));
  if (published === null || published !== (await sha256OfFile(file))) {
    return 'the download does not have its published SHA-256';
  }
  report(`Unpacking ${archive.program} …`);
  const untar = await runCommand('tar', ['-xzf', file, '-C', folder], { timeoutMs: 300_000 });
  if (untar.outcome === 'failed') return untar.reason;
  rmSync(file);
  return keepOnly(folder, archive.program);
}

/** Takes the text of a checksum file; returns the SHA-256 of a file, or null when it is not listed. */
export function publishedSha256(text: string, fileName: string): string | null {
  for (const line of text.split('\n')) {
    const match = /^([0-9a-f]{64})\s+\*?(\S+)$/i.exec(line.trim());
    if (match?.[1] !== undefined && match[2] === fileName) return match[1].toLowerCase();
  }
  return null;
}

/** Moves one program to the top of an unpacked folder and drops the rest. Returns null, or that it is not there. */
export function keepOnly(folder: string, program: string): string | null {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const entry = entries.find((candidate) => candidate.isFile() && candidate.name === program);
  if (entry === undefined) return `the archive holds no ${program}`;
  // Under another name first: a folder of the program's name may lie at the top.
  const aside = join(folder, '.wanted');
  renameSync(join(entry.parentPath, entry.name), aside);
  for (const name of readdirSync(folder)) {
    if (name !== '.wanted') rmSync(join(folder, name), { recursive: true });
  }
  renameSync(aside, join(folder, program));
  chmodSync(join(folder, program), 0o755);
  return null;
}
