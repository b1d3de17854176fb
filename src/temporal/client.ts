import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ServiceConfig } from '../config/service-config.js';
import { namesTemporalFile } from '../config/temporal-file.js';

/** A connection that comes back within a second once the server does; grpc's own ceiling is two minutes. */
const LONGEST_RECONNECT_MS = 1_000;

/** Returns where Temporal is and how it is talked to: address, TLS and API key as `@temporalio/envconfig` has them. */
export function temporalConnectionOptions() {
  return loadClientConnectConfig({ disableFile: !namesTemporalFile(process.env) }).connectionOptions;
}

/** Returns a connection that is made at the first call, so that a Temporal that is down delays nothing at start. */
export function createTemporalConnection(): Connection {
  const { address, tls, apiKey, metadata } = temporalConnectionOptions();
  return Connection.lazy({
    ...(address === undefined ? {} : { address }),
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
    // The SDK's own retries go on in the background past a call's deadline, and throw outside of any promise once the
    // connection is closed. Whoever calls retries by the one ladder instead.
    interceptors: [],
    channelArgs: {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': LONGEST_RECONNECT_MS,
    },
  });
}

/** Takes the configuration and, where the caller wants to close it later, the connection; returns the client. */
export function createTemporalClient(
  { temporal }: Pick<ServiceConfig, 'temporal'>,
  connection: Connection = createTemporalConnection(),
): Client {
  return new Client({ connection, namespace: temporal.namespace });
}
