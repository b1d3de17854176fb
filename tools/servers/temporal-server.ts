// How Temporal's development server is run, and how one is asked whether it is there.

import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

export interface TemporalServerOptions {
  readonly databasePath: string;
  readonly port: number;
  /** null: without the Web UI. */
  readonly uiPort: number | null;
  readonly namespace: string;
}

/** The arguments for `temporal`; without the two pragmas the database is the bottleneck of everything. */
export function temporalArguments(options: TemporalServerOptions): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(options.port)],
    ...(options.uiPort === null ? ['--headless'] : ['--ui-port', String(options.uiPort)]),
    ...['--namespace', options.namespace, '--db-filename', options.databasePath, '--log-level', 'warn'],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'],
  ];
}

/** Whether a Temporal server at an address serves a namespace; throws when it does not answer in time. */
export async function temporalServes(
  address: string,
  namespace: string,
  timeoutMs: number,
): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: timeoutMs });
  return await serves(connection, namespace, timeoutMs);
}

/**
 * Whether the server that the TEMPORAL_* variables name (address, TLS, API key) serves a namespace.
 * Throws with the reason when it does not.
 */
export async function configuredTemporalServes(namespace: string, timeoutMs: number): Promise<boolean> {
  const { connectionOptions } = loadClientConnectConfig({
    // Like the service: a profile of the user is read only when it is named.
    disableFile: !process.env.TEMPORAL_CONFIG_FILE,
  });
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: timeoutMs });
  return await serves(connection, namespace, timeoutMs);
}

async function serves(connection: Connection, namespace: string, timeoutMs: number): Promise<boolean> {
  try {
    await connection.withDeadline(Date.now() + timeoutMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } finally {
    await connection.close();
  }
}
