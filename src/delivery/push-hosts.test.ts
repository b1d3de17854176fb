import { describe, expect, test } from '@jest/globals';
import { isAllowedPushEndpoint } from './push-hosts.js';

describe('a push goes only to', () => {
  test.each([
    'https://fcm.googleapis.com/fcm/send/abc',
    'https://updates.push.services.mozilla.com/wpush/v2/abc',
    'https://web.push.apple.com/QGx',
    'https://api.push.apple.com/3/abc',
    'https://wns2-par02p.notify.windows.com/w/?token=abc',
    'https://FCM.googleapis.com:443/fcm/send/abc',
  ])('a known push service: %s', (endpoint) => {
    expect(isAllowedPushEndpoint(endpoint, [])).toBe(true);
  });

  test.each([
    ['https://push.example.com/x', 'push.example.com'],
    ['https://push.example.com:8443/x', 'PUSH.example.com:8443'],
    ['https://push.example.com/x', 'push.example.com:443'],
    ['http://127.0.0.1:4000/x', '127.0.0.1:4000'],
    ['http://localhost/x', 'localhost'],
    ['http://[::1]:4000/x', '[::1]:4000'],
    ['http://push.internal/x', 'push.internal'],
    ['http://push.internal/x', 'push.internal:80'],
  ])('a host that the operator named: %s by %s', (endpoint, extra) => {
    expect(isAllowedPushEndpoint(endpoint, [extra])).toBe(true);
  });
});

describe('a push never goes to', () => {
  test.each([
    ['an unknown host', 'https://example.com/x'],
    ['a host that only ends like a known one', 'https://evilfcm.googleapis.com/x'],
    ['a host that has a known one in front', 'https://fcm.googleapis.com.evil.example/x'],
    ['the bare domain of a family of hosts', 'https://notify.windows.com/x'],
    ['a known host with a trailing dot', 'https://fcm.googleapis.com./x'],
    ['a known host without TLS', 'http://fcm.googleapis.com/x'],
    ['another port of a known host', 'https://fcm.googleapis.com:8443/x'],
    ['a known host with credentials', 'https://user:secret@fcm.googleapis.com/x'],
    ['a known host that is only the user name', 'https://fcm.googleapis.com@evil.example/x'],
    ['an address inside the network', 'https://169.254.169.254/latest'],
    ['another scheme', 'ftp://fcm.googleapis.com/x'],
    ['what is no address', 'fcm.googleapis.com/x'],
    ['nothing', ''],
  ])('%s', (_what, endpoint) => {
    expect(isAllowedPushEndpoint(endpoint, [])).toBe(false);
  });

  test.each([
    ['another port than the operator named', 'http://127.0.0.1:4001/x', '127.0.0.1:4000'],
    ['any port of a host that was named without one', 'https://push.example.com:8443/x', 'push.example.com'],
    ['a named host with credentials', 'https://user:x@push.example.com/x', 'push.example.com'],
    ['a named host by another scheme', 'ftp://push.example.com/x', 'push.example.com'],
    ['a subdomain of a named host', 'https://a.push.example.com/x', 'push.example.com'],
    ['anything, because of an empty entry', 'https://push.example.com/x', ''],
  ])('%s', (_what, endpoint, extra) => {
    expect(isAllowedPushEndpoint(endpoint, [extra])).toBe(false);
  });
});
