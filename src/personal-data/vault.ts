import { createHash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';

/** What came out of a sealed text, or why it stays shut. */
export type Opened =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'unopenable'; readonly code: 'another_key' | 'another_customer' | 'damaged' };

/**
 * The one port through which personal data gets into the database and out of it (design §4.7).
 *
 * Each sealed text is a compact JWE: content under a key of its own (A256GCM), which is wrapped (A256GCMKW) under a key
 * derived from `PII_KEY` for this one customer. A text that is moved to another customer's row therefore does not
 * open. The header names the key (`kid`), so that a later rotation can tell old from new.
 */
export interface Vault {
  /** Takes the customer's reference number and JSON or bytes; returns the sealed text. */
  seal(referenceNo: string, content: unknown): Promise<string>;
  /** Takes the customer's reference number and a sealed text; returns its content or why it does not open. */
  open(referenceNo: string, sealed: string): Promise<Opened>;
  /** The key of this customer's digests (`idwise/snapshot.ts`). */
  digestKey(referenceNo: string): Uint8Array;
}

const KEY_BYTES = 32;

/**
 * Takes the 32 bytes of `PII_KEY`; returns the vault.
 * @throws RangeError when the key has another length, which the configuration has ruled out before.
 */
export function createVault(piiKey: Uint8Array): Vault {
  if (piiKey.byteLength !== KEY_BYTES) throw new RangeError('PII_KEY must have 32 bytes');
  const derive = (purpose: string, referenceNo = '', bytes = KEY_BYTES) => {
    // Hashed, because HKDF takes at most 1024 bytes here.
    const info = `${purpose}\0${createHash('sha256').update(referenceNo).digest('hex')}`;
    return new Uint8Array(hkdfSync('sha256', piiKey, '', info, bytes));
  };
  const kid = hex(derive('key-id', '', 8));
  const customerTag = (referenceNo: string) => hex(derive('customer-tag', referenceNo, 16));

  return {
    seal: (referenceNo, content) => {
      const isBytes = content instanceof Uint8Array;
      const plaintext = isBytes ? content : new TextEncoder().encode(JSON.stringify(content) ?? 'null');
      return new CompactEncrypt(plaintext)
        .setProtectedHeader({
          alg: 'A256GCMKW',
          enc: 'A256GCM',
          kid,
          cty: isBytes ? 'octet-stream' : 'json',
          customer: customerTag(referenceNo),
        })
        .encrypt(derive('wrapping-key', referenceNo));
    },
    open: async (referenceNo, sealed) => {
      const header = readHeader(sealed);
      if (header === null) return { kind: 'unopenable', code: 'damaged' };
      if (header.kid !== kid) return { kind: 'unopenable', code: 'another_key' };
      if (!sameText(header['customer'], customerTag(referenceNo))) {
        return { kind: 'unopenable', code: 'another_customer' };
      }
      try {
        const { plaintext } = await compactDecrypt(sealed, derive('wrapping-key', referenceNo), {
          keyManagementAlgorithms: ['A256GCMKW'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        if (header.cty === 'octet-stream') return { kind: 'bytes', bytes: plaintext };
        return { kind: 'json', value: JSON.parse(new TextDecoder().decode(plaintext)) };
      } catch {
        return { kind: 'unopenable', code: 'damaged' };
      }
    },
    digestKey: (referenceNo) => derive('digest-key', referenceNo),
  };
}

function readHeader(sealed: string): ReturnType<typeof decodeProtectedHeader> | null {
  try {
    return decodeProtectedHeader(sealed);
  } catch {
    return null;
  }
}

function sameText(given: unknown, expected: string): boolean {
  const a = Buffer.from(typeof given === 'string' ? given : '');
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
