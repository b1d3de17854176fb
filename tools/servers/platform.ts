// What kind of machine this is, in the words that download addresses use.

import { readFileSync } from 'node:fs';

/** Takes Node's names; returns e.g. `linux-x86_64` or `macos-arm64`, part of each cache folder's name. */
export function platformKey(
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): string {
  const system = platform === 'darwin' ? 'macos' : platform;
  const machine = arch === 'x64' ? 'x86_64' : arch === 'arm64' && platform === 'linux' ? 'aarch64' : arch;
  return `${system}-${machine}`;
}

/** `{id, versionId}` of the Linux distribution, from the text of /etc/os-release. */
export function parseOsRelease(text: string): { id: string; versionId: string } {
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return { id: field('ID'), versionId: field('VERSION_ID') };
}

/** The distribution of this machine; empty texts where it does not say (macOS). */
export function distribution(): { id: string; versionId: string } {
  try {
    return parseOsRelease(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return { id: '', versionId: '' };
  }
}
