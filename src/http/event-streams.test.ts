import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import express from 'express';
import { createEventStreams } from './event-streams.js';

test('who hangs up before the stream is open keeps no place in it', async () => {
  const listeners = new Set<unknown>();
  let openStreams = 0;
  const streams = createEventStreams(
    {
      listen: (_referenceNo, onView) => {
        listeners.add(onView);
        return () => listeners.delete(onView);
      },
    },
    { streams: (count) => (openStreams = count) },
  );
  const moments = new EventEmitter();
  const app = express();
  app.get('/', async (_req, res) => {
    moments.emit('asked');
    // As long as it takes to find out who asks.
    await once(res, 'close');
    const readView = async () => null;
    const who = { referenceNo: 'ref', lastVersion: null, endsAtMs: null };
    await streams.open({ res, readView, render: (view) => view, ...who });
    moments.emit('opened');
  });
  const server = app.listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (let times = 0; times < 3; times += 1) {
    const isAsked = once(moments, 'asked');
    const isOpened = once(moments, 'opened');
    const client = request({ port });
    client.on('error', () => undefined).end();
    await isAsked;
    client.destroy();
    await isOpened;
  }
  expect([listeners.size, openStreams]).toEqual([0, 0]);
  server.close();
});
