// Ports, host and folder of the local stack.

import { resolve } from 'node:path';

export interface Settings {
  /** Where the API listens. */
  readonly host: string;
  /** Where the API can be called from this machine. */
  readonly callHost: string;
  readonly dataFolder: string;
  readonly ports: Ports;
}

export interface Ports {
  readonly api: number;
  readonly workerHealth: number;
  readonly simulator: number;
  readonly mongod: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly mailSmtp: number;
  readonly mailUi: number;
  readonly identity: number;
}

/** The variable of each port, its default, and what listens there, for messages. */
export const PORT_VARIABLES: Readonly<
  Record<keyof Ports, { variable: string; value: number; what: string }>
> = {
  api: { variable: 'PORT', value: 3000, what: 'the API' },
  workerHealth: { variable: 'WORKER_HEALTH_PORT', value: 3001, what: "the worker's health" },
  simulator: { variable: 'SIM_PORT', value: 4100, what: 'the IDWise simulator' },
  mongod: { variable: 'MONGOD_PORT', value: 27117, what: 'MongoDB' },
  temporal: { variable: 'TEMPORAL_PORT', value: 7233, what: 'Temporal' },
  temporalUi: { variable: 'TEMPORAL_UI_PORT', value: 8233, what: "Temporal's Web UI" },
  mailSmtp: { variable: 'MAIL_SMTP_PORT', value: 1025, what: 'the mailbox (SMTP)' },
  mailUi: { variable: 'MAIL_UI_PORT', value: 1080, what: 'the mailbox (Web)' },
  identity: { variable: 'IDP_PORT', value: 4200, what: 'the sign-in of the demo' },
};

export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly message: string };

/** Reads the settings from an environment; `projectRoot` is what a relative DATA_DIR is relative to. */
export function readSettings(env: NodeJS.ProcessEnv, projectRoot: string): SettingsResult {
  const problems: string[] = [];
  const port = (name: keyof Ports): number => {
    const { variable, value } = PORT_VARIABLES[name];
    const text = env[variable];
    if (text === undefined || text === '') return value;
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
    problems.push(`${variable} must be a port number from 1 to 65535, not "${text}".`);
    return value;
  };
  const ports: Ports = {
    api: port('api'),
    workerHealth: port('workerHealth'),
    simulator: port('simulator'),
    mongod: port('mongod'),
    temporal: port('temporal'),
    temporalUi: port('temporalUi'),
    mailSmtp: port('mailSmtp'),
    mailUi: port('mailUi'),
    identity: port('identity'),
  };
  const seen = new Map<number, string>();
  for (const [name, number] of Object.entries(ports) as [keyof Ports, number][]) {
    const { variable } = PORT_VARIABLES[name];
    const other = seen.get(number);
    if (other !== undefined)
      problems.push(`${other} and ${variable} are both ${number}; each needs a port of its own.`);
    seen.set(number, variable);
  }
  if (problems.length > 0) return { ok: false, message: problems.join('\n') };
  const host = env.HOST || '127.0.0.1';
  const everywhere = host === '0.0.0.0' || host === '::';
  const dataFolder = resolve(projectRoot, env.DATA_DIR || '.data');
  return { ok: true, settings: { host, callHost: everywhere ? '127.0.0.1' : host, dataFolder, ports } };
}
