import busboy from 'busboy';
import type { Request, RequestHandler } from 'express';

/** A body as the step endpoints see it, whichever of the two content types it came in (contract §3.4). */
export interface StepBody {
  fields: Record<string, string>;
  files: Record<string, Buffer>;
  tooLarge: boolean;
}

// Contract §3.4: the Android SDK keeps uploads below 6 MB, the only size that is documented.
const largestFileBytes = 6 * 1024 * 1024;
const imageFields = ['image', 'image2'];

const parsedBodies = new WeakMap<Request, StepBody>();

/** Reads multipart bodies; JSON ones have been read before. */
export const readStepBody: RequestHandler = (request, _response, next) => {
  if (!request.is('multipart/form-data')) {
    parsedBodies.set(request, fromJson(request.body));
    next();
    return;
  }
  const body: StepBody = { fields: {}, files: {}, tooLarge: false };
  const parser = busboy({
    headers: request.headers,
    limits: { fileSize: largestFileBytes, files: 4, fields: 20 },
  });
  parser.on('field', (name, value) => {
    body.fields[name] = value;
  });
  parser.on('file', (name, stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('limit', () => {
      body.tooLarge = true;
    });
    stream.on('end', () => {
      body.files[name] = Buffer.concat(chunks);
    });
  });
  parser.on('close', () => {
    parsedBodies.set(request, body);
    next();
  });
  parser.on('error', next);
  request.pipe(parser);
};

/** @returns what `readStepBody` has read of this request */
export function stepBody(request: Request): StepBody {
  return parsedBodies.get(request) ?? { fields: {}, files: {}, tooLarge: false };
}

function fromJson(json: unknown): StepBody {
  const body: StepBody = { fields: {}, files: {}, tooLarge: false };
  if (typeof json !== 'object' || json === null) return body;
  for (const [name, value] of Object.entries(json)) {
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    if (imageFields.includes(name)) body.files[name] = Buffer.from(String(value), 'base64');
    else body.fields[name] = String(value);
  }
  return body;
}
