import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** Where the service is and with which operator's key it is asked. */
export interface OperatorAccess {
  readonly serviceUrl: string;
  readonly key: string;
  /** Said to whoever calls, where something was not told but found. */
  readonly remark: string | null;
}

export type FoundAccess =
  | { readonly kind: 'access'; readonly access: OperatorAccess }
  | { readonly kind: 'none'; readonly problem: string };

type Environment = Readonly<Record<string, string | undefined>>;

const USUAL_URL = 'http://127.0.0.1:3000';

/**
 * Takes the environment (`SERVICE_URL`, `OPERATOR_KEY`; `DATA_DIR` for the demo); returns how to reach the service, or
 * what to set. Where no key is set, the demo of `npm start` in this folder lends its own and says where it runs.
 */
export function findOperatorAccess(env: Environment): FoundAccess {
  const serviceUrl = env['SERVICE_URL']?.trim() ?? '';
  if (serviceUrl !== '' && !/^https?:\/\/\S+$/.test(serviceUrl))
    return none('SERVICE_URL is not a URL; set for example https://verification.internal');
  const key = env['OPERATOR_KEY']?.trim() ?? '';
  if (key !== '') {
    if (!/^[\x21-\x7e]+$/.test(key)) return none('OPERATOR_KEY holds characters that no header can carry');
    return found(serviceUrl || USUAL_URL, key, null);
  }
  const folder = env['DATA_DIR']?.trim() || '.data';
  const demoKey = demoKeyIn(folder);
  if (demoKey === null) {
    return none(
      `OPERATOR_KEY is not set, and there is no demo in ${folder}. Set the key that stands behind a name in OPERATOR_KEYS of the service, and SERVICE_URL where the service is not at ${USUAL_URL}`,
    );
  }
  const url = serviceUrl || (demoUrlIn(folder) ?? USUAL_URL);
  return found(url, demoKey, `OPERATOR_KEY is not set: asking ${url} with the key of the demo in ${folder}.`);
}

function found(serviceUrl: string, key: string, remark: string | null): FoundAccess {
  return { kind: 'access', access: { serviceUrl: serviceUrl.replace(/\/+$/, ''), key, remark } };
}

function none(problem: string): FoundAccess {
  return { kind: 'none', problem };
}

/** The key of the first of OPERATOR_KEYS. */
function demoKeyIn(folder: string): string | null {
  const text = textOf(join(folder, 'demo.env'));
  const [first = ''] = (parseEnv(text ?? '')['OPERATOR_KEYS'] ?? '').split(',');
  return first.includes(':') ? first.slice(first.indexOf(':') + 1).trim() : null;
}

/** Where `npm start` says that its API listens. */
function demoUrlIn(folder: string): string | null {
  try {
    const record: unknown = JSON.parse(textOf(join(folder, 'run.json')) ?? 'null');
    const api = (record as { addresses?: { api?: unknown } } | null)?.addresses?.api;
    return typeof api === 'string' ? api : null;
  } catch {
    return null;
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
