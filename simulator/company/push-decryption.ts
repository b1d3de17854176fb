import { createDecipheriv, createECDH, hkdfSync } from 'node:crypto';

const saltBytes = 16;
const tagBytes = 16;

/**
 * Decrypts the body of a push message (RFC 8291 over the aes128gcm coding of RFC 8188), one record long as
 * push messages are.
 *
 * @param keys the device's own keys: P-256, uncompressed point and scalar, and the 16 bytes of `auth`
 * @returns null when it is malformed or was not encrypted for this device
 */
export function decryptPush(
  body: Buffer,
  keys: { privateKey: Buffer; publicKey: Buffer; authSecret: Buffer },
): Buffer | null {
  try {
    const salt = body.subarray(0, saltBytes);
    const keyIdLength = body.readUInt8(saltBytes + 4);
    const senderKey = body.subarray(saltBytes + 5, saltBytes + 5 + keyIdLength);
    const record = body.subarray(saltBytes + 5 + keyIdLength);

    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(keys.privateKey);
    const shared = ecdh.computeSecret(senderKey);
    const keyInfo = Buffer.concat([Buffer.from('WebPush: info\0'), keys.publicKey, senderKey]);
    const inputKey = Buffer.from(hkdfSync('sha256', shared, keys.authSecret, keyInfo, 32));
    const derive = (info: string, length: number) =>
      Buffer.from(hkdfSync('sha256', inputKey, salt, Buffer.from(info), length));

    const decipher = createDecipheriv(
      'aes-128-gcm',
      derive('Content-Encoding: aes128gcm\0', 16),
      derive('Content-Encoding: nonce\0', 12),
    );
    decipher.setAuthTag(record.subarray(record.length - tagBytes));
    const padded = Buffer.concat([
      decipher.update(record.subarray(0, record.length - tagBytes)),
      decipher.final(),
    ]);
    // The last record ends with the delimiter 2 and then only zeros.
    const delimiter = padded.findLastIndex((byte) => byte !== 0);
    return padded[delimiter] === 2 ? padded.subarray(0, delimiter) : null;
  } catch {
    return null;
  }
}
