import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Alarm } from '../../observability/alarm.js';
import { DamagedStreamError } from '../../personal-data/sealed-stream.js';
import type { ReadImages } from '../../usecases/read-images.js';
import { actorOf, profileOf, type Route, route } from '../route.js';
import { images } from '../schemas.js';

interface Dependencies {
  readonly readImages: ReadImages;
  readonly alarm: Alarm;
}

const imageId = z.string().regex(/^img_[0-9a-f]{32}$/, 'is not the id of an image');

const FILE_ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
};

/** A reader that takes nothing for so long is gone. */
const SLOWEST_READER_MS = 30_000;

/** Takes what they need; returns the routes by which the company reads stored images. */
export function imageRoutes({ readImages, alarm }: Dependencies): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/verifications/:referenceNo/images',
      operationId: 'listImages',
      summary: 'The images that are stored of this customer, by policy. Each read is on the audit record.',
      access: 'company',
      body: null,
      answers: { 200: { description: 'The images, without their content', schema: images } },
      problems: ['not_found', 'storage_unavailable'],
      handle: async (call) => {
        const listed = await readImages.list(profileOf(call).referenceNo, actorOf(call));
        call.res.set('Cache-Control', 'no-store').json({ images: listed });
      },
    }),
    route({
      method: 'get',
      path: '/v1/verifications/:referenceNo/images/:imageId',
      operationId: 'getImage',
      summary: 'One stored image. Each read is on the audit record.',
      access: 'company',
      body: null,
      params: { imageId },
      answers: {
        200: {
          description:
            'The picture: image/jpeg, image/png or image/webp. An answer that ends before its Content-Length is not the whole picture',
          contentType: 'image/*',
        },
      },
      problems: [
        'not_found',
        'invalid_request',
        'image_not_found',
        'image_unreadable',
        'storage_unavailable',
      ],
      handle: async (call) => {
        const { res, req, params } = call;
        const { referenceNo } = profileOf(call);
        const id = params['imageId'] ?? '';
        const opened = await readImages.open(referenceNo, id, actorOf(call));
        if (opened.kind === 'missing') return 'image_not_found';
        const unreadable = (reason: string) => alarm('image_unreadable', { referenceNo, reason });
        if (opened.kind === 'unopenable') {
          unreadable(opened.code);
          return 'image_unreadable';
        }
        const { contentType, bytes } = opened.row;
        res.writeHead(200, {
          'Content-Type': contentType,
          'Content-Length': bytes,
          'Cache-Control': 'no-store',
          'Content-Disposition': `attachment; filename="${id}.${FILE_ENDINGS[contentType] ?? 'bin'}"`,
          'X-Content-Type-Options': 'nosniff',
        });
        if (req.method === 'HEAD') {
          res.end();
          return;
        }
        res.setTimeout(SLOWEST_READER_MS, () => res.destroy());
        try {
          await pipeline(Readable.from(opened.bytes, { objectMode: false }), res);
        } catch (error) {
          // The status is on its way already: only the broken connection can say that the picture is not whole.
          res.destroy();
          if (error instanceof DamagedStreamError) unreadable('damaged');
          else if (!isReaderGone(error)) throw error;
        }
      },
    }),
  ];
}

/** Whoever hung up, or was cut off for taking nothing. */
function isReaderGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}
