import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import { json, type Request, type RequestHandler, Router } from 'express';
import { type Answer, refusal } from '../idwise/answers.js';
import { pathValue, simulatedEndpoint } from '../idwise/endpoint.js';
import { ownValue } from '../idwise/own-value.js';
import type { Simulation } from '../idwise/simulation.js';
import { decryptPush } from './push-decryption.js';
import { readVapid, type VapidIdentity } from './vapid.js';

/** One push as the device would see it. */
export interface PushMessage {
  atMs: number;
  ttl: string | null;
  topic: string | null;
  urgency: string | null;
  /** Who sent it, by the VAPID header (RFC 8292); null: nobody who could be verified. */
  vapid: VapidIdentity | null;
  /** The decrypted text; null when it could not be decrypted. */
  text: string | null;
}

/** A browser's push subscription, with the keys that only the browser knows. */
export interface PushDevice {
  id: string;
  publicKey: string;
  privateKey: string;
  authSecret: string;
  gone: boolean;
  messages: PushMessage[];
}

/**
 * A browser vendor's push service and the browser behind it. `POST /push/:id` is what a subscription's
 * endpoint is; the rest is control.
 */
export function pushService(simulation: Simulation): Router {
  const router = Router();
  const device = (id: string) => ownValue(simulation.state.pushDevices, id);

  router.post(
    '/push/:id',
    readEncrypted,
    simulatedEndpoint(
      simulation,
      'push',
      () => null,
      (request): Answer => {
        const found = device(pathValue(request, 'id'));
        if (!found) return { kind: 'empty', status: 404 };
        if (found.gone) return { kind: 'empty', status: 410 };
        // RFC 8030 §5.2: a push without a TTL is not acceptable.
        if (request.get('ttl') === undefined) return refusal(400, 'invalid_request', 'TTL is required');
        found.messages.push({
          atMs: Date.now(),
          ttl: request.get('ttl') ?? null,
          topic: request.get('topic') ?? null,
          urgency: request.get('urgency') ?? null,
          vapid: readVapid(request.get('authorization'), originOf(request)),
          text: textOf(found, request.get('content-encoding'), request.body),
        });
        return { kind: 'empty', status: 201 };
      },
    ),
  );
  router.post('/sim/push/subscriptions', json(), (request, response) => {
    const keys = createECDH('prime256v1');
    keys.generateKeys();
    const created: PushDevice = {
      id: randomUUID(),
      publicKey: keys.getPublicKey('base64url'),
      privateKey: keys.getPrivateKey('base64url'),
      authSecret: randomBytes(16).toString('base64url'),
      gone: false,
      messages: [],
    };
    simulation.state.pushDevices[created.id] = created;
    simulation.changed();
    response.status(201).json({
      id: created.id,
      subscription: {
        endpoint: `${originOf(request)}/push/${created.id}`,
        expirationTime: null,
        keys: { p256dh: created.publicKey, auth: created.authSecret },
      },
    });
  });
  router.get('/sim/push/:id/messages', (request, response) => {
    const found = device(pathValue(request, 'id'));
    if (found) response.json({ messages: found.messages });
    else response.status(404).json({ error: 'there is no such device' });
  });
  router.delete('/sim/push/:id', (request, response) => {
    const found = device(pathValue(request, 'id'));
    if (found) found.gone = true;
    simulation.changed();
    response.status(found ? 200 : 404).json({});
  });
  return router;
}

// RFC 8030 §7.2 lets a push service refuse bodies over 4096 bytes; real ones do.
const largestBodyBytes = 4096;

// Express's own parser refuses the coding aes128gcm, which it cannot undo.
const readEncrypted: RequestHandler = (request, response, next) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('error', next);
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    request.body = body;
    if (body.length > largestBodyBytes) response.status(413).end();
    else next();
  });
};

// As the caller knows us: behind a container's name we are not 127.0.0.1.
function originOf(request: Request): string {
  return `${request.protocol}://${request.get('host') ?? 'localhost'}`;
}

function textOf(found: PushDevice, encoding: string | undefined, body: unknown): string | null {
  if (encoding !== 'aes128gcm' || !Buffer.isBuffer(body)) return null;
  const plain = decryptPush(body, {
    privateKey: Buffer.from(found.privateKey, 'base64url'),
    publicKey: Buffer.from(found.publicKey, 'base64url'),
    authSecret: Buffer.from(found.authSecret, 'base64url'),
  });
  return plain?.toString('utf8') ?? null;
}
