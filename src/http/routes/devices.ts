import { createHash, randomUUID } from 'node:crypto';
import type { ServiceConfig } from '../../config/service-config.js';
import { isAllowedPushEndpoint } from '../../delivery/push-hosts.js';
import type { Vault } from '../../personal-data/vault.js';
import type { Store } from '../../store/store.js';
import { profileOf, type Route, route } from '../route.js';
import { deviceRegistered, deviceRegistration } from '../schemas.js';

interface Dependencies {
  readonly store: Pick<Store, 'devices'>;
  readonly vault: Pick<Vault, 'seal'>;
  /** Null: no pushes are configured. */
  readonly webPush: Pick<NonNullable<ServiceConfig['webPush']>, 'extraAllowedHosts'> | null;
}

const MOST_DEVICES = 20;

/** Takes what they need; returns the routes that register and remove devices for pushes. */
export function deviceRoutes({ store, vault, webPush }: Dependencies): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/verifications/:referenceNo/devices',
      operationId: 'registerDevice',
      summary: 'Registers a device for pushes; registering it again yields the same device.',
      access: 'company',
      body: deviceRegistration,
      answers: { 201: { description: 'Registered', schema: deviceRegistered } },
      problems: [
        'invalid_request',
        'not_json',
        'not_found',
        'push_not_configured',
        'push_endpoint_refused',
        'too_many_devices',
        'storage_unavailable',
      ],
      handle: async (call) => {
        const { referenceNo } = profileOf(call);
        const { subscription } = call.body;
        if (webPush === null) return 'push_not_configured';
        if (!isAllowedPushEndpoint(subscription.endpoint, webPush.extraAllowedHosts))
          return 'push_endpoint_refused';
        const endpointDigest = createHash('sha256').update(subscription.endpoint).digest('hex');
        const others = { referenceNo, endpointDigest: { $ne: endpointDigest } };
        if ((await store.devices.countDocuments(others, { limit: MOST_DEVICES })) >= MOST_DEVICES) {
          return 'too_many_devices';
        }
        const sealed = await vault.seal(referenceNo, subscription);
        const device = await store.devices.findOneAndUpdate(
          { referenceNo, endpointDigest },
          {
            $set: { subscription: sealed },
            $setOnInsert: { _id: `d_${randomUUID()}`, channel: 'webpush', createdAt: new Date() },
          },
          { upsert: true, returnDocument: 'after' },
        );
        call.res.status(201).json({ deviceId: device?._id });
      },
    }),
    route({
      method: 'delete',
      path: '/v1/verifications/:referenceNo/devices/:deviceId',
      operationId: 'removeDevice',
      summary: 'Removes a device.',
      access: 'company',
      body: null,
      answers: { 204: { description: 'Removed' } },
      problems: ['not_found', 'device_not_found', 'storage_unavailable'],
      handle: async (call) => {
        const { referenceNo } = profileOf(call);
        const { deletedCount } = await store.devices.deleteOne({
          _id: call.params['deviceId'] ?? '',
          referenceNo,
        });
        if (deletedCount === 0) return 'device_not_found';
        call.res.status(204).end();
      },
    }),
  ];
}
