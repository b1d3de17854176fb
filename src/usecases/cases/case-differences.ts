import type { AmlDifference } from '../../domain/cases/aml-difference.js';
import type { Vault } from '../../personal-data/vault.js';

/**
 * A difference as it is kept beside the case, for the page alone. Without all the matches that counted after it, of which
 * it would hold as many as the customer has: the page shows those as the newest answer has them. Earlier releases kept
 * them too, and nobody reads them.
 */
type KeptDifference = Omit<AmlDifference, 'open'>;

/** Takes a difference; returns it sealed, to be kept. */
export async function sealDifference(
  vault: Pick<Vault, 'seal'>,
  referenceNo: string,
  { added, removed, changed, whitelisted }: AmlDifference,
): Promise<string> {
  const kept: KeptDifference = { added, removed, changed, whitelisted };
  return await vault.seal(referenceNo, kept);
}

/** Takes a sealed difference; returns it, or null where it cannot be opened. */
export async function openDifference(
  vault: Pick<Vault, 'open'>,
  referenceNo: string,
  sealed: string,
): Promise<KeptDifference | null> {
  const opened = await vault.open(referenceNo, sealed);
  return opened.kind === 'json' ? (opened.value as KeptDifference) : null;
}

/**
 * A case lives as long as its customer and gets a version with every change, but MongoDB takes no document over 16 MiB: a
 * case that outgrew it could never be written again, nor could the turn of the customer that brings the change. A quarter
 * leaves room for words, and is hundreds of usual differences.
 */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Takes sealed differences by number of their version; returns those that are kept on: from the newest to the oldest,
 * each that still fits. Of the others the case goes on to say how many matches there were and on which kinds of lists,
 * and the audit records stay.
 */
export function keptDifferences(
  differences: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const newestFirst = Object.entries(differences).sort(([a], [b]) => Number(b) - Number(a));
  let bytes = 0;
  const kept = newestFirst.filter(([, sealed]) => {
    // A sealed text has one byte to a character.
    const fits = bytes + sealed.length <= MOST_BYTES;
    if (fits) bytes += sealed.length;
    return fits;
  });
  return Object.fromEntries(kept);
}
