/**
 * Every path of IDWise's REST API that we call, in this one place. IDWise documents only some of them in full
 * (contract §3.2, §11 rows 1–3), so each can be overridden by its endpoint name in the file `IDWISE_PATHS_FILE`.
 */

/** Base URLs that IDWise documents (contract §3.1). `IDWISE_BASE_URL` may name any other, such as a stand-in's. */
export const IDWISE_REGIONS = {
  EU: 'https://api.idwise.com',
  UAE: 'https://api-uae.idwise.com',
  QATAR: 'https://api-qat.idwise.com',
} as const;

interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly template: string;
  /** False: the call changes something at IDWise, so a check of the configuration must not make it. */
  readonly reads: boolean;
}

export const ENDPOINTS = {
  getJourney: { method: 'GET', template: '/journey/v2/{journeyId}', reads: true },
  getSummary: { method: 'GET', template: '/journey/v2/summary/{journeyId}', reads: true },
  getImage: { method: 'GET', template: '/journey/v2/image/{imagePath}', reads: true },
  getAmlHistory: {
    method: 'GET',
    template: '/checks/aml/{journeyId}/history?version={version}',
    reads: true,
  },
  processCustomStep: { method: 'POST', template: '/journey/v2/process-custom-journey-step', reads: false },
  completeCustomStep: { method: 'POST', template: '/journey/v2/complete-custom-step', reads: false },
  completeJourney: { method: 'POST', template: '/journey/v2/complete-journey', reads: false },
  setWhitelist: { method: 'PUT', template: '/checks/aml/{journeyId}/whitelist', reads: false },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof ENDPOINTS;

export const ENDPOINT_NAMES = Object.keys(ENDPOINTS) as readonly EndpointName[];

type PathOverrides = Readonly<Record<string, string>>;

/** Takes the overrides and an endpoint's name; returns the template in force. */
export function templateOf(overrides: PathOverrides, endpoint: EndpointName): string {
  return Object.hasOwn(overrides, endpoint)
    ? (overrides[endpoint] ?? ENDPOINTS[endpoint].template)
    : ENDPOINTS[endpoint].template;
}

/** Longer ids are no ids; a cap keeps an untrusted body from making absurd requests. */
const MAX_ID_LENGTH = 512;

/**
 * Takes the base URL, the overrides, an endpoint's name and the values for its placeholders; returns the URL with
 * every value percent-encoded, or null where a value cannot stand in a path (empty, a dot segment, not well-formed).
 * Slashes inside an image path stay slashes, because IDWise hands those paths out itself; in ids they are encoded.
 */
export function urlFor(
  baseUrl: string,
  overrides: PathOverrides,
  endpoint: EndpointName,
  values: Readonly<Record<string, string>>,
): string | null {
  let possible = true;
  const path = templateOf(overrides, endpoint).replace(/\{(\w+)\}/g, (_placeholder, name: string) => {
    const value = values[name] ?? '';
    const encoded = name === 'imagePath' ? encodePath(value) : encodeSegment(value);
    if (encoded === null) possible = false;
    return encoded ?? '';
  });
  return possible ? `${baseUrl.replace(/\/+$/, '')}${path}` : null;
}

function encodePath(path: string): string | null {
  const segments = path.replace(/^\/+/, '').split('/').map(encodeSegment);
  return segments.includes(null) ? null : segments.join('/');
}

function encodeSegment(segment: string): string | null {
  if (segment === '' || segment === '.' || segment === '..' || segment.length > MAX_ID_LENGTH) return null;
  try {
    return encodeURIComponent(segment);
  } catch {
    return null;
  }
}

export type ReadOverrides =
  | { readonly kind: 'overrides'; readonly overrides: PathOverrides }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/**
 * Takes the content of `IDWISE_PATHS_FILE`; returns the overrides, or every problem as a sentence that names the key.
 * An override must be a path under the base URL and must keep its endpoint's placeholders.
 */
export function readPathOverrides(fileText: string): ReadOverrides {
  let content: unknown;
  try {
    content = JSON.parse(fileText);
  } catch {
    return { kind: 'invalid', problems: ['the file is not JSON'] };
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return { kind: 'invalid', problems: ['the file must hold one object: {"endpointName": "/path"}'] };
  }
  const entries = Object.entries(content);
  const problems = entries.flatMap(([name, template]) => problemsOf(name, template));
  if (problems.length > 0) return { kind: 'invalid', problems };
  return {
    kind: 'overrides',
    overrides: Object.fromEntries(entries.map(([name, template]) => [name, String(template)])),
  };
}

function problemsOf(name: string, template: unknown): string[] {
  const endpoint = ENDPOINT_NAMES.find((known) => known === name);
  if (endpoint === undefined) return [`${name}: no such endpoint; known are ${ENDPOINT_NAMES.join(', ')}`];
  if (typeof template !== 'string' || !/^\/(?!\/)/.test(template)) {
    return [`${name}: must be a path that begins with one slash`];
  }
  const wanted = placeholders(ENDPOINTS[endpoint].template);
  const given = placeholders(template);
  return [
    ...wanted.filter((one) => !given.includes(one)).map((one) => `${name}: {${one}} is missing`),
    ...given.filter((one) => !wanted.includes(one)).map((one) => `${name}: {${one}} is not known here`),
  ];
}

function placeholders(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}
