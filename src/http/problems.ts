import type { ServerResponse } from 'node:http';

/**
 * Every problem that the API answers with: a stable code, the HTTP status, what the caller is told, and what an
 * engineer should know (the runbook is written from it). Public texts are fixed: nothing of a request or an exception
 * ever gets into them.
 */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly publicText: string;
  readonly internalText: string;
  readonly retryAfterSeconds?: number;
}

export const PROBLEMS = {
  unauthenticated: {
    status: 401,
    title: 'Unauthorized',
    publicText: 'Send a valid API key or token as "Authorization: Bearer <credential>".',
    internalText: 'No credential, an unknown API key, or a token that does not verify.',
  },
  wrong_credential: {
    status: 403,
    title: 'Forbidden',
    publicText:
      "This credential does not open this. /v1/operator takes operators' keys, and these open nothing else.",
    internalText: 'An API key on /v1/operator, or an operator key elsewhere.',
  },
  operators_not_configured: {
    status: 404,
    title: 'Not Found',
    publicText: "The operators' API is off on this service: OPERATOR_KEYS is not set.",
    internalText: 'OPERATOR_KEYS is not set for this process.',
  },
  webhook_unauthenticated: {
    status: 401,
    title: 'Unauthorized',
    publicText: 'The credentials of this webhook are wrong.',
    internalText:
      'IDWISE_WEBHOOK_AUTH or IDWISE_WEBHOOK_SECRETS differ from what is set in the IDWise portal, or the address is not in IDWISE_WEBHOOK_ALLOWED_IPS.',
  },
  identity_provider_unavailable: {
    status: 503,
    title: 'Service Unavailable',
    publicText: 'The token cannot be verified at the moment.',
    internalText: 'CUSTOMER_JWT_JWKS_URL does not answer.',
    retryAfterSeconds: 5,
  },
  not_found: {
    status: 404,
    title: 'Not Found',
    publicText: 'There is nothing here for you.',
    internalText: 'Unknown path or reference number, or one that the caller may not know of.',
  },
  event_not_found: {
    status: 404,
    title: 'Not Found',
    publicText: 'There is no such event in the inbox.',
    internalText: 'A wrong or shortened id; the list of events finds by the beginning of an id.',
  },
  search_too_wide: {
    status: 400,
    title: 'Bad Request',
    publicText: 'This search takes too long; narrow it by a reference number, a journey or a time.',
    internalText: 'MongoDB would have to read too many events: no index fits what was asked for.',
  },
  device_not_found: {
    status: 404,
    title: 'Not Found',
    publicText: 'This verification has no such device.',
    internalText: 'Removed before, for example because its push service reported it as gone.',
  },
  details_not_found: {
    status: 404,
    title: 'Not Found',
    publicText: 'There are no verified details yet.',
    internalText: 'No journey of the customer has been fetched yet.',
  },
  details_unreadable: {
    status: 500,
    title: 'Internal Server Error',
    publicText: 'The verified details cannot be read.',
    internalText: 'The stored answer does not open: PII_KEY is another one, or the row is damaged.',
  },
  image_not_found: {
    status: 404,
    title: 'Not Found',
    publicText: 'This verification has no such image.',
    internalText: 'The policy stores none of this kind, or it is not fetched yet.',
  },
  image_unreadable: {
    status: 500,
    title: 'Internal Server Error',
    publicText: 'The image cannot be read.',
    internalText: 'The stored image does not open: PII_KEY is another one, or a chunk is missing or damaged.',
  },
  invalid_request: {
    status: 400,
    title: 'Bad Request',
    publicText: 'The request is not as the API describes it; see "errors".',
    internalText: 'A member or parameter is missing or wrong; the answer names it.',
  },
  not_json: {
    status: 400,
    title: 'Bad Request',
    publicText: 'The body is not JSON.',
    internalText: 'A body that cannot be parsed.',
  },
  content_encoding_refused: {
    status: 400,
    title: 'Bad Request',
    publicText: 'Send the body without content encoding.',
    internalText: 'Compressed bodies are not unpacked here.',
  },
  body_too_large: {
    status: 413,
    title: 'Content Too Large',
    publicText: 'The body is larger than 64 kB.',
    internalText: 'Far above any documented event; somebody sends something else.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method Not Allowed',
    publicText: 'Use POST.',
    internalText: "The webhook's path takes POST only.",
  },
  customer_bound: {
    status: 409,
    title: 'Conflict',
    publicText: 'This customer is registered under another reference number.',
    internalText: 'A customer has one reference number for the whole relationship.',
  },
  reference_bound: {
    status: 409,
    title: 'Conflict',
    publicText: 'This reference number belongs to another customer.',
    internalText: 'A reference number has one customer.',
  },
  journey_bound: {
    status: 409,
    title: 'Conflict',
    publicText: 'This journey belongs to another verification.',
    internalText: 'An app reported a journey that another reference number has.',
  },
  update_rejected: {
    status: 409,
    title: 'Conflict',
    publicText: 'The verification is not in a state that allows this.',
    internalText: 'The workflow rejected the update.',
  },
  customer_closed: {
    status: 409,
    title: 'Conflict',
    publicText: 'This verification is closed.',
    internalText: 'The workflow rejected the update: the customer is off-boarded.',
  },
  customer_not_closed: {
    status: 409,
    title: 'Conflict',
    publicText: 'This verification is not closed.',
    internalText: 'The workflow rejected the update: there is nothing to reopen.',
  },
  customer_frozen: {
    status: 409,
    title: 'Conflict',
    publicText: 'A case has frozen this customer, who can be closed once its outcome has released them.',
    internalText: 'The workflow rejected the update: compliance has frozen the customer.',
  },
  journey_unknown: {
    status: 409,
    title: 'Conflict',
    publicText: 'This verification has no such journey.',
    internalText: 'The workflow rejected the update: it knows no such journey.',
  },
  journey_finished: {
    status: 409,
    title: 'Conflict',
    publicText: 'The journey is finished already.',
    internalText: 'The workflow rejected the update: IDWise has decided.',
  },
  desk_not_built: {
    status: 500,
    title: 'Internal Server Error',
    publicText: 'The pages of the desk are not there.',
    internalText: 'The pages were not built: npm run build makes them.',
  },
  sign_in_unavailable: {
    status: 503,
    title: 'Service Unavailable',
    publicText: "Your company's sign-in does not answer at the moment. Try again in a minute.",
    internalText: 'OIDC_ISSUER does not answer, or not with a description of a provider.',
    retryAfterSeconds: 5,
  },
  sign_in_refused: {
    status: 403,
    title: 'Forbidden',
    publicText: 'The sign-in did not succeed. Go back to the desk and try again.',
    internalText:
      "The identity provider refused, or its answer does not belong to the sign-in; the log's code says why.",
  },
  sign_in_needed: {
    status: 401,
    title: 'Unauthorized',
    publicText: 'Sign in first.',
    internalText: 'No session stands behind the cookie, or it has ended.',
  },
  cross_site_request: {
    status: 403,
    title: 'Forbidden',
    publicText: 'This request did not come from a page of the desk.',
    internalText: 'Neither origin nor token show that a page of the desk sent it.',
  },
  case_refused: {
    status: 409,
    title: 'Conflict',
    publicText: 'This cannot be done to the case as it stands. Reload it and look again.',
    internalText: "The case's rules refuse the action; `reason` says which.",
  },
  role_missing: {
    status: 403,
    title: 'Forbidden',
    publicText: 'Your roles do not allow this.',
    internalText: "The person's roles, by the identity provider's claim, do not allow the action.",
  },
  push_not_configured: {
    status: 409,
    title: 'Conflict',
    publicText: 'Pushes are not configured on this service.',
    internalText: 'VAPID_PUBLIC_KEY and its companions are not set.',
  },
  push_endpoint_refused: {
    status: 400,
    title: 'Bad Request',
    publicText: "The subscription's endpoint is not that of a known push service.",
    internalText: 'Guard against requests into our own network; WEB_PUSH_ALLOWED_HOSTS adds hosts.',
  },
  too_many_devices: {
    status: 409,
    title: 'Conflict',
    publicText: 'This verification has too many devices; remove one first.',
    internalText: 'Each device costs a push per change.',
  },
  too_many_streams: {
    status: 503,
    title: 'Service Unavailable',
    publicText: 'Too many event streams are open; read the view instead, or come again.',
    internalText: 'The limit per process or per reference number is reached.',
    retryAfterSeconds: 10,
  },
  too_many_reports: {
    status: 429,
    title: 'Too Many Requests',
    publicText: 'There are too many reports of this verification; send it again later.',
    internalText: 'A loop in the app, or somebody who names journeys that IDWise does not know.',
    retryAfterSeconds: 30,
  },
  workflow_unavailable: {
    status: 503,
    title: 'Service Unavailable',
    publicText: 'The request may or may not have been taken; it is safe to send it again.',
    internalText: 'Temporal or the worker did not answer in time.',
    retryAfterSeconds: 5,
  },
  not_stored: {
    status: 503,
    title: 'Service Unavailable',
    publicText: 'It could not be stored; send it again.',
    internalText: 'MongoDB did not confirm the write on a majority in time.',
    retryAfterSeconds: 5,
  },
  storage_unavailable: {
    status: 503,
    title: 'Service Unavailable',
    publicText: 'The service cannot answer at the moment.',
    internalText: 'MongoDB does not answer.',
    retryAfterSeconds: 5,
  },
  internal_error: {
    status: 500,
    title: 'Internal Server Error',
    publicText: 'Something went wrong on our side.',
    internalText: 'A bug; the log has the place in the code.',
  },
} as const satisfies Readonly<Record<string, Problem>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What may be said to whoever asks something of a customer's workflow. */
export const CUSTOMER_REQUEST_PROBLEMS = [
  'invalid_request',
  'not_json',
  'not_found',
  'update_rejected',
  'journey_unknown',
  'journey_finished',
  'customer_closed',
  'customer_not_closed',
  'workflow_unavailable',
] as const satisfies readonly ProblemCode[];

/** Which part of a request is wrong, and how; names members, never values. */
export interface RequestError {
  readonly at: string;
  readonly problem: string;
}

/** Takes a code and, for `invalid_request`, what is wrong; returns the problem document (RFC 9457). */
export function problemDocument(code: ProblemCode, errors?: readonly RequestError[]) {
  const { status, title, publicText } = PROBLEMS[code];
  return {
    type: `urn:idwise-customer-backend:problem:${code}`,
    title,
    status,
    detail: publicText,
    code,
    ...(errors === undefined ? {} : { errors }),
  };
}

/** Takes an open response, a code and, for 401, by which scheme to come again; answers with the problem document. */
export function sendProblem(
  res: ServerResponse,
  code: ProblemCode,
  errors?: readonly RequestError[],
  challenge = 'Bearer',
): void {
  const problem: Problem = PROBLEMS[code];
  const body = Buffer.from(JSON.stringify(problemDocument(code, errors)));
  res.writeHead(problem.status, {
    'Content-Type': 'application/problem+json',
    'Content-Language': 'en',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    ...(problem.retryAfterSeconds === undefined ? {} : { 'Retry-After': problem.retryAfterSeconds }),
    ...(problem.status === 401 ? { 'WWW-Authenticate': challenge } : {}),
  });
  res.end(body);
}
