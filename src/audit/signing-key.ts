import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { sha256 } from './canonical-form.js';

/** The keys of checkpoints: Ed25519, as PEM or as the base64 of the same DER. */

/** Takes a private key's text (PKCS #8); returns the key, or null where it is none. */
export function readSigningKey(text: string): KeyObject | null {
  return readKey(text, (key) => createPrivateKey(key), 'pkcs8');
}

/** Takes a public key's text (SubjectPublicKeyInfo); returns the key, or null where it is none. */
export function readPublicKey(text: string): KeyObject | null {
  // A private key would also be taken for its public part; whoever hands one out by mistake should learn of it.
  return text.includes('PRIVATE') ? null : readKey(text, (key) => createPublicKey(key), 'spki');
}

/** Takes the keys that are configured; returns those by which checkpoints are verified. */
export function trustedKeys(configured: {
  readonly signingKey: KeyObject | null;
  readonly publicKeys: readonly KeyObject[];
}): readonly KeyObject[] {
  const { signingKey, publicKeys } = configured;
  return signingKey === null ? publicKeys : [signingKey, ...publicKeys];
}

/** Takes a key, public or private; returns the fingerprint of the public one: SHA-256 of its DER in hex. */
export function fingerprint(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return sha256(publicKey.export({ type: 'spki', format: 'der' }));
}

/** Takes a key, public or private; returns the public one as PEM. */
export function publicPem(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

/** Returns a fresh private key as `AUDIT_SIGNING_KEY` takes it: base64 on one line. */
export function newSigningKey(): string {
  return generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'der' })
    .toString('base64');
}

type Readable = string | { key: Buffer; format: 'der'; type: never };

function readKey(text: string, read: (key: Readable) => KeyObject, type: 'pkcs8' | 'spki'): KeyObject | null {
  const trimmed = text.trim().replaceAll('\\n', '\n');
  try {
    const key = read(
      trimmed.startsWith('-----')
        ? trimmed
        : { key: Buffer.from(trimmed, 'base64'), format: 'der', type: type as never },
    );
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}
