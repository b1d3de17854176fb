import { createHmac } from 'node:crypto';
import webpush from 'web-push';
import { z } from 'zod';
import type { Opened, Vault } from '../personal-data/vault.js';
import type { Store } from '../store/store.js';
import { postOnce } from './http-post.js';
import { isAllowedPushEndpoint } from './push-hosts.js';
import { type MessageOf, retry, type SendOutcome } from './send-outcome.js';

const TIMEOUT_MS = 10_000;
const TIME_TO_LIVE_S = 24 * 3_600;

/** Sends Web Push messages to customers' devices. */
export interface Pusher {
  /** Takes the stored message; returns what came of it. Rejects only when MongoDB does not answer. */
  send(message: MessageOf<'web_push'>): Promise<SendOutcome>;
}

const SUBSCRIPTION = z.object({
  endpoint: z.string(),
  keys: z.object({ p256dh: z.string(), auth: z.string() }),
});

/**
 * Web Push with VAPID (RFC 8030, 8291, 8292). A lock screen is public, so a push says only that something changed; the
 * app reads the status.
 *
 * Takes the store (a dead subscription is removed), the vault that opens subscriptions, the VAPID keys and the hosts
 * allowed beside the known push services; returns the sender.
 * @throws when the VAPID keys or subject are not valid.
 */
export function createPusher(options: {
  readonly store: Pick<Store, 'devices'>;
  readonly vault: Pick<Vault, 'open'>;
  readonly vapid: { readonly publicKey: string; readonly privateKey: string; readonly subject: string };
  readonly extraAllowedHosts: readonly string[];
}): Pusher {
  const { store, vault, vapid, extraAllowedHosts } = options;
  // Proved here once, so that a failure to encrypt can later only mean that the device's own keys are wrong.
  webpush.getVapidHeaders(
    'https://push.example',
    vapid.subject,
    vapid.publicKey,
    vapid.privateKey,
    'aes128gcm',
  );
  return {
    async send(message) {
      const device = await store.devices.findOne({ _id: message.deviceId, referenceNo: message.referenceNo });
      if (device === null) return { kind: 'dropped', code: 'device_gone' };
      // Compared with what was read, so that a device that registered anew meanwhile is not lost.
      const forget = () => store.devices.deleteOne({ _id: device._id, subscription: device.subscription });

      const opened = await vault.open(device.referenceNo, device.subscription);
      if (opened.kind !== 'json') return unreadable(opened);
      const subscription = SUBSCRIPTION.safeParse(opened.value).data;
      if (subscription && !isAllowedPushEndpoint(subscription.endpoint, extraAllowedHosts)) {
        return { kind: 'given_up', code: 'push_host_not_allowed', alarm: 'push_host_not_allowed' };
      }
      const request = subscription ? encrypt(subscription, message, vapid) : null;
      if (request === null) {
        await forget();
        return { kind: 'dropped', code: 'subscription_invalid' };
      }

      const result = await postOnce({ ...request, timeoutMs: TIMEOUT_MS });
      if (result.kind === 'failed') return retry(result.code);
      const code = `http_${result.status}`;
      if (result.status >= 200 && result.status < 300) return { kind: 'delivered' };
      if (result.status === 404 || result.status === 410) {
        await forget();
        return { kind: 'dropped', code };
      }
      if (result.status === 429 || result.status >= 500) {
        return { kind: 'retry', code, retryAfterMs: result.retryAfterMs, alarm: null };
      }
      return { kind: 'given_up', code, alarm: 'push_refused' };
    },
  };
}

/** Under another key it may open once the right one is configured; what is damaged stays so. */
function unreadable(opened: Exclude<Opened, { kind: 'json' }>): SendOutcome {
  const alarm = 'subscription_unreadable';
  const isAnotherKey = opened.kind === 'unopenable' && opened.code === 'another_key';
  return isAnotherKey ? retry(alarm, alarm) : { kind: 'given_up', code: alarm, alarm };
}

/** The neutral words that a device may show on its lock screen, and what the app needs to find the status itself. */
export function pushPayload({ about, referenceNo, version }: MessageOf<'web_push'>): string {
  const words =
    about === 'reminder'
      ? {
          type: 'verification.reminder_due',
          title: 'Your verification waits for you',
          body: 'Open the app to see what is to be done.',
        }
      : {
          type: 'verification.status_changed',
          title: 'Your verification status changed',
          body: 'Open the app to see where you stand.',
        };
  return JSON.stringify({ ...words, referenceNo, version });
}

/** Returns null when the subscription's keys are not keys: it can never be written to. */
function encrypt(
  subscription: z.infer<typeof SUBSCRIPTION>,
  message: MessageOf<'web_push'>,
  vapid: { readonly publicKey: string; readonly privateKey: string; readonly subject: string },
): { url: string; headers: Record<string, string>; body: Uint8Array<ArrayBuffer> } | null {
  try {
    const details = webpush.generateRequestDetails(subscription, pushPayload(message), {
      vapidDetails: { ...vapid },
      TTL: TIME_TO_LIVE_S,
      urgency: 'normal',
      topic: pushTopic(message.referenceNo, vapid.privateKey),
      contentEncoding: 'aes128gcm',
    });
    const headers = Object.fromEntries(
      Object.entries(details.headers)
        .filter(([name]) => name.toLowerCase() !== 'content-length')
        .map(([name, value]) => [name, String(value)]),
    );
    return { url: details.endpoint, headers, body: Uint8Array.from(details.body) };
  } catch {
    return null;
  }
}

/**
 * Takes a reference number and a key; returns the topic under which a newer push takes the place of an older one that
 * was not shown yet (RFC 8030 §5.4: at most 32 characters). It is keyed, because the push service sees the topic and
 * must not be able to try references against it.
 */
export function pushTopic(referenceNo: string, key: string): string {
  return createHmac('sha256', key).update(`push-topic:${referenceNo}`).digest('base64url').slice(0, 32);
}
