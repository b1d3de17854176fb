import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const blocks = 8;
const blockPixels = 12;
const chunkFrameBytes = 12;
const side = blocks * blockPixels;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/**
 * Draws a valid PNG (96 × 96 pixels, a symmetric pattern of blocks) that differs with the id and is always
 * the same for one id, so that nothing has to be stored and no photograph of anybody is needed.
 *
 * @param bytes so large it is made, by a chunk that no viewer shows; the small drawing alone without
 */
export function syntheticPng(imageId: string, bytes?: number): Buffer {
  const digest = createHash('sha256').update(`image:${imageId}`).digest();
  const ink = [digest[0] ?? 0, digest[1] ?? 0, (digest[2] ?? 0) | 0x80];
  const paper = [240, 240, 236];
  const rows: Buffer[] = [];
  for (let y = 0; y < side; y += 1) {
    const row = Buffer.alloc(1 + side * 3);
    for (let x = 0; x < side; x += 1) {
      const column = Math.floor(x / blockPixels);
      const mirrored = Math.min(column, blocks - 1 - column);
      const inked = ((digest[3 + Math.floor(y / blockPixels)] ?? 0) >> mirrored) & 1;
      row.set(inked ? ink : paper, 1 + x * 3);
    }
    rows.push(row);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const drawing = [signature, chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.concat(rows)))];
  const end = chunk('IEND', Buffer.alloc(0));
  const drawnBytes = Buffer.concat([...drawing, end]).length;
  const paddingBytes = (bytes ?? 0) - drawnBytes - chunkFrameBytes;
  const padding = paddingBytes > 0 ? [chunk('paDd', Buffer.alloc(paddingBytes, digest))] : [];
  return Buffer.concat([...drawing, ...padding, end]);
}
