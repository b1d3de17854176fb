// From settings to a running stack, in the order in which the parts need each other.

import { join } from 'node:path';
import type { Resolution } from '../servers/chain.js';
import type { Report } from '../servers/progress.js';
import { withoutSecrets } from './address-table.js';
import {
  apiChild,
  apiUrl,
  identityChild,
  identityUrl,
  runSetup,
  serviceEnvironment,
  simulatorChild,
  simulatorUrl,
  workerChild,
} from './application.js';
import { type BackingServer, findMailbox, findMongodb, findTemporal } from './backing-servers.js';
import { unansweredAddress } from './configured-addresses.js';
import { readDemoEnv, writeDemoEnv } from './demo-env-file.js';
import { inventEnvironment } from './demo-environment.js';
import { portProblem } from './port-check.js';
import type { Settings } from './settings.js';
import type { Stack } from './stack.js';

export type BringUp =
  | { readonly ok: false; readonly message: string }
  | {
      readonly ok: true;
      /** Name for people and address, in the order of the table. */
      readonly table: readonly (readonly [string, string])[];
      /** Names of variables that were invented in this start. */
      readonly newlyInvented: readonly string[];
      /** What the service runs with; holds secrets. */
      readonly environment: Readonly<Record<string, string>>;
      readonly addresses: Readonly<Record<string, string>>;
      readonly usesSimulator: boolean;
      /** MongoDB and Temporal are started here, not named by anybody. */
      readonly ownsServers: boolean;
    };

/** Takes the settings, the stack to start children in, and where to report progress. */
export async function bringUp(settings: Settings, stack: Stack, report: Report): Promise<BringUp> {
  const usesSimulator = (process.env.IDWISE_BASE_URL ?? '') === '';
  const usesOwnSignIn = (process.env.OIDC_ISSUER ?? '') === '';
  const busy = await portProblem(settings, [
    'api',
    'workerHealth',
    ...(usesSimulator ? ['simulator' as const] : []),
    ...(usesOwnSignIn ? ['identity' as const] : []),
  ]);
  if (busy !== null) return { ok: false, message: busy };
  const unanswered = await unansweredAddress();
  if (unanswered !== null) return { ok: false, message: unanswered };

  const mongodb = await findMongodb(settings, report);
  if (!mongodb.ok) return mongodb;
  const temporal = await findTemporal(settings, process.env.TEMPORAL_NAMESPACE || 'default', report);
  if (!temporal.ok) return temporal;
  const mailbox = await findMailbox(settings);
  if (!mailbox.ok) return mailbox;

  const demoEnvPath = join(settings.dataFolder, 'demo.env');
  const invented = inventEnvironment(process.env, readDemoEnv(demoEnvPath), {
    mongodbUri: mongodb.value.address,
    temporalAddress: temporal.value.address,
    temporalNamespace: temporal.value.namespace,
    smtpUrl: mailbox.value.address,
    auditCheckpointDir: join(settings.dataFolder, 'audit-checkpoints'),
    simulatorUrl: usesSimulator ? simulatorUrl(settings) : null,
    identityUrl: usesOwnSignIn ? identityUrl(settings) : null,
    publicUrl: apiUrl(settings),
  });
  writeDemoEnv(demoEnvPath, invented.toKeep);

  const servers = [mongodb.value.child, temporal.value.child, mailbox.value.child].filter(
    (child) => child !== null,
  );
  if (servers.length > 0) report(`Starting ${servers.map((child) => child.name).join(', ')} …`);
  const serverProblem = await stack.start(servers);
  if (serverProblem !== null) return { ok: false, message: serverProblem };

  const ownTemporal = temporal.value.child !== null;
  const environment = serviceEnvironment(process.env, invented.toKeep, settings, ownTemporal);
  report('Setting up indexes and search attributes …');
  const setupProblem = await runSetup(environment);
  if (setupProblem !== null) return { ok: false, message: `The set-up failed: ${setupProblem}` };

  const simulator = usesSimulator ? [simulatorChild(settings, environment)] : [];
  const signIn = usesOwnSignIn ? [identityChild(settings, environment)] : [];
  const service = [apiChild(settings, environment), workerChild(settings, environment)];
  const application = [...simulator, ...signIn, ...service];
  report(`Starting ${application.map((child) => child.name).join(', ')} …`);
  const applicationProblem = await stack.start(application);
  if (applicationProblem !== null) return { ok: false, message: applicationProblem };

  const addresses = {
    api: apiUrl(settings),
    ...(usesSimulator ? { simulator: simulatorUrl(settings) } : {}),
    ...(temporal.value.uiUrl === null ? {} : { temporalUi: temporal.value.uiUrl }),
    // Only our own mailbox: the composed one speaks another language.
    ...(mailbox.value.child === null || mailbox.value.uiUrl === null ? {} : { mailUi: mailbox.value.uiUrl }),
  };
  stack.publish(addresses);
  return {
    ok: true,
    table: [
      ['API', apiUrl(settings)],
      ['Desk', `${environment.PUBLIC_URL ?? apiUrl(settings)}/desk (of compliance)`],
      ['Temporal UI', temporal.value.uiUrl ?? `(that of ${temporal.value.address})`],
      ['Mailbox', mailbox.value.uiUrl ?? `(that of ${withoutSecrets(mailbox.value.address)})`],
      [
        'IDWise',
        usesSimulator
          ? `${simulatorUrl(settings)} (simulator)`
          : withoutSecrets(environment.IDWISE_BASE_URL ?? ''),
      ],
      ['MongoDB', `${withoutSecrets(mongodb.value.address)} (${originOf(mongodb)})`],
      ['Temporal', `${temporal.value.address} (${originOf(temporal)})`],
    ],
    newlyInvented: invented.newlyInvented,
    environment,
    addresses,
    usesSimulator,
    ownsServers: mongodb.value.child !== null && ownTemporal,
  };
}

function originOf(server: Extract<Resolution<BackingServer>, { ok: true }>): string {
  return server.value.child === null ? server.from : `started here, program from: ${server.from}`;
}
