import type { ServiceConfig } from '../config/service-config.js';
import { type BoundedAnswer, boundedRequest } from '../outgoing-http/bounded-request.js';
import { retryAfterMs } from '../outgoing-http/retry-after.js';
import { sniffImageType } from '../personal-data/image-type.js';
import { isRecord } from './answer-schemas.js';
import {
  type AmlHistoryAnswer,
  type JourneyAnswer,
  type Parsed,
  parseAmlHistory,
  parseJourney,
  parseStartedJourney,
  parseSummary,
  type SummaryAnswer,
} from './answers.js';
import { ENDPOINTS, type EndpointName, templateOf, urlFor } from './paths.js';

/** What a call to IDWise brought. Codes only: no body, no URL, nothing personal. */
export type Answer<T> = { readonly kind: 'ok'; readonly value: T } | Trouble;

export type Trouble =
  /** 404: IDWise does not know what was asked for, or not yet; or the path is wrong. */
  | { readonly kind: 'not_found'; readonly code: string }
  /**
   * Time-out, connection trouble, 5xx, 429. `maybeSent` is false only where IDWise surely did nothing: the request
   * never reached it, or was turned away by its rate limit (429).
   */
  | {
      readonly kind: 'unavailable';
      readonly code: string;
      readonly retryAfterMs: number | null;
      readonly maybeSent: boolean;
    }
  /** 401 or 403: credentials, environment or address (contract §3.11); an operator must mend it. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Any other 4xx, or `success: false`: IDWise understood the request and says no. */
  | { readonly kind: 'rejected'; readonly code: string }
  /** 200, but the content is not what the contract says. */
  | { readonly kind: 'unreadable'; readonly code: string };

interface Image {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

export interface IdwiseClient {
  getJourney(journeyId: string): Promise<Answer<JourneyAnswer>>;
  getSummary(journeyId: string): Promise<Answer<SummaryAnswer>>;
  /** Version as named by `AML Monitor Update` (contract §3.9). */
  getAmlHistory(journeyId: string, version: number): Promise<Answer<AmlHistoryAnswer>>;
  getImage(imagePath: string): Promise<Answer<Image>>;
  /** Sends the picture to the configured custom step (contract §3.5). Not idempotent: go through `send-once.ts`. */
  processCustomStep(journeyId: string, image: Image): Promise<Answer<null>>;
  /** Contract §3.5. Not idempotent: go through `send-once.ts`. */
  completeCustomStep(journeyId: string): Promise<Answer<null>>;
  /** Contract §3.6. Not idempotent: go through `send-once.ts`. */
  completeJourney(journeyId: string): Promise<Answer<null>>;
  startJourney(
    referenceNo: string,
    applicantDetails?: Readonly<Record<string, string>>,
  ): Promise<Answer<{ readonly journeyId: string }>>;
  manualReview(journeyId: string, review: ManualReview): Promise<Answer<null>>;
  setWhitelist(
    journeyId: string,
    resourceIds: readonly string[],
    whitelisted: boolean,
  ): Promise<Answer<null>>;
  amendAml(journeyId: string, entityDetails: Readonly<Record<string, string>>): Promise<Answer<null>>;
  /** Removes all personal data of the journey at IDWise (contract §3.10). */
  deleteJourney(journeyId: string): Promise<Answer<null>>;
  /** Method and URL template of an endpoint, as in force, for an operator to compare with their account. */
  describe(endpoint: EndpointName): string;
}

/** Contract §3.8. */
interface ManualReview {
  readonly newDecision: 'Approved' | 'Rejected' | 'Resubmission Requested';
  readonly comment?: string;
  readonly stepReviews?: readonly {
    readonly stepId: string;
    readonly reviewDecision: 'Resubmit' | 'Approve';
  }[];
}

interface ClientOptions {
  /** Milliseconds since the epoch; for `Retry-After` dates. */
  readonly clock?: () => number;
  /** Total time of a call in milliseconds, 10 s unless told. */
  readonly timeLimitMs?: number;
}

const TIME_LIMIT_MS = 10_000;
const MAX_JSON_BYTES = 2 * 1024 * 1024;
const MAX_IMAGE_BYTES = 15 * 1024 * 1024;

/**
 * Takes IDWise's part of the configuration; returns the client. It never retries (Temporal does) and never throws for
 * what IDWise or the network do: every outcome is a value.
 */
export function createIdwiseClient(
  config: ServiceConfig['idwise'],
  options: ClientOptions = {},
): IdwiseClient {
  const clock = options.clock ?? Date.now;
  const authorization = `Basic ${Buffer.from(`${config.apiKey}:${config.apiSecret}`).toString('base64')}`;

  async function call(
    endpoint: EndpointName,
    values: Readonly<Record<string, string>>,
    { body, maxBytes = MAX_JSON_BYTES }: { body?: object; maxBytes?: number } = {},
  ): Promise<Ok | Trouble> {
    const url = urlFor(config.baseUrl, config.pathOverrides, endpoint, values);
    if (url === null) return { kind: 'not_found', code: 'impossible_id' };
    const isForm = body instanceof FormData;
    const answer = await boundedRequest({
      url,
      method: ENDPOINTS[endpoint].method,
      headers: {
        authorization,
        accept: endpoint === 'getImage' ? 'image/*, application/json' : 'application/json',
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      timeLimitMs: options.timeLimitMs ?? TIME_LIMIT_MS,
      maxBytes,
    });
    return judge(answer, clock());
  }

  async function read<T>(
    endpoint: EndpointName,
    values: Readonly<Record<string, string>>,
    parse: (json: unknown) => Parsed<T>,
    body?: object,
  ): Promise<Answer<T>> {
    const answer = await call(endpoint, values, body === undefined ? {} : { body });
    if (answer.kind !== 'ok') return answer;
    const content = wholeBody(answer);
    if (content.kind !== 'ok') return content;
    const json = parseJson(content.value);
    if (json.kind !== 'ok') return json;
    const failure = saysNo(json.value);
    if (failure !== null) return failure;
    const parsed = parse(json.value);
    return parsed.kind === 'parsed' ? { kind: 'ok', value: parsed.answer } : parsed;
  }

  /** Of a changing call only the status is documented (contract §11 row 25); a plain "success: false" is heeded. */
  async function change(
    endpoint: EndpointName,
    values: Readonly<Record<string, string>>,
    body?: object,
  ): Promise<Answer<null>> {
    const answer = await call(endpoint, values, body === undefined ? {} : { body });
    if (answer.kind !== 'ok') return answer;
    const json = answer.body.kind === 'whole' ? parseJson(answer.body.bytes) : null;
    return (json?.kind === 'ok' ? saysNo(json.value) : null) ?? { kind: 'ok', value: null };
  }

  return {
    getJourney: (journeyId) => read('getJourney', { journeyId }, parseJourney),
    getSummary: (journeyId) => read('getSummary', { journeyId }, parseSummary),
    getAmlHistory: (journeyId, version) =>
      read('getAmlHistory', { journeyId, version: String(version) }, parseAmlHistory),
    getImage: async (imagePath) => {
      const answer = await call('getImage', { imagePath }, { maxBytes: MAX_IMAGE_BYTES });
      if (answer.kind !== 'ok') return answer;
      const content = wholeBody(answer);
      return content.kind === 'ok' ? readImage(content.value) : content;
    },
    processCustomStep: async (journeyId, image) => {
      const step = config.customStep;
      if (step === null) return { kind: 'rejected', code: 'no_custom_step_configured' };
      const form = new FormData();
      form.set('journey_id', journeyId);
      form.set('step_id', step.stepId);
      if (step.stepType !== null) form.set('step_type', step.stepType);
      const extension = image.contentType.split('/')[1] ?? 'jpeg';
      form.set('image', new Blob([image.bytes], { type: image.contentType }), `face.${extension}`);
      return change('processCustomStep', {}, form);
    },
    completeCustomStep: (journeyId) => change('completeCustomStep', {}, { journey_id: journeyId }),
    completeJourney: (journeyId) => change('completeJourney', {}, { journey_id: journeyId }),
    startJourney: (referenceNo, applicantDetails) =>
      read('startJourney', {}, parseStartedJourney, {
        flow_id: config.flowId,
        reference_no: referenceNo,
        ...(applicantDetails === undefined ? {} : { applicant_details: applicantDetails }),
      }),
    manualReview: (journeyId, review) =>
      change(
        'manualReview',
        { journeyId },
        {
          new_decision: review.newDecision,
          comment: review.comment ?? '',
          step_reviews: (review.stepReviews ?? []).map((step) => ({
            step_id: step.stepId,
            review_decision: step.reviewDecision,
          })),
        },
      ),
    setWhitelist: (journeyId, resourceIds, whitelisted) =>
      change('setWhitelist', { journeyId }, { resource_ids: resourceIds, is_whitelisted: whitelisted }),
    amendAml: (journeyId, entityDetails) =>
      change('amendAml', { journeyId }, { entity_details: entityDetails }),
    deleteJourney: (journeyId) => change('deleteJourney', { journeyId }),
    describe: (endpoint) =>
      `${ENDPOINTS[endpoint].method} ${config.baseUrl.replace(/\/+$/, '')}${templateOf(config.pathOverrides, endpoint)}`,
  };
}

type Body = Extract<BoundedAnswer, { kind: 'answered' }>['body'];
interface Ok {
  readonly kind: 'ok';
  readonly body: Body;
}

function judge(answer: BoundedAnswer, nowMs: number): Ok | Trouble {
  if (answer.kind === 'no_answer') {
    return { kind: 'unavailable', code: answer.code, retryAfterMs: null, maybeSent: answer.maybeSent };
  }
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300) return { kind: 'ok', body };
  const code = `http_${status}`;
  if (status < 400) {
    return { kind: 'unavailable', code: 'redirect_refused', retryAfterMs: null, maybeSent: true };
  }
  if (status === 408 || status === 429 || status >= 500) {
    return {
      kind: 'unavailable',
      code,
      retryAfterMs: retryAfterMs(headers.get('retry-after'), nowMs),
      maybeSent: status !== 429,
    };
  }
  const ownCode = errorCodeIn(body) ?? code;
  if (status === 401 || status === 403) return { kind: 'refused', code: ownCode };
  return { kind: status === 404 ? 'not_found' : 'rejected', code: ownCode };
}

function wholeBody({ body }: Ok): Answer<Uint8Array> {
  switch (body.kind) {
    case 'whole':
      return { kind: 'ok', value: body.bytes };
    case 'too_large':
      return { kind: 'unreadable', code: 'too_large' };
    case 'broken':
      return { kind: 'unavailable', code: `body_${body.code}`, retryAfterMs: null, maybeSent: true };
  }
}

function parseJson(bytes: Uint8Array): Answer<unknown> {
  try {
    return { kind: 'ok', value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return { kind: 'unreadable', code: 'not_json' };
  }
}

/** IDWise's error envelope (contract §3.11), should it ever come with a good status. */
function saysNo(json: unknown): Trouble | null {
  if (!isRecord(json) || json['success'] !== false) return null;
  return { kind: 'rejected', code: asCode(json['error_code']) ?? 'success_false' };
}

function errorCodeIn(body: Body): string | null {
  const json = body.kind === 'whole' ? parseJson(body.bytes) : null;
  return json?.kind === 'ok' && isRecord(json.value) ? asCode(json.value['error_code']) : null;
}

function asCode(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z_]{0,63}$/.test(value) ? value : null;
}

/** Bytes of a picture, or JSON that holds it as base64 (contract §11 row 31). */
function readImage(bytes: Uint8Array): Answer<Image> {
  const contentType = sniffImageType(bytes);
  if (contentType !== null) return { kind: 'ok', value: { bytes, contentType } };
  const json = parseJson(bytes);
  if (json.kind !== 'ok') return { kind: 'unreadable', code: 'not_an_image' };
  const failure = saysNo(json.value);
  if (failure !== null) return failure;
  const texts = isRecord(json.value) ? Object.values(json.value) : [json.value];
  for (const text of texts) {
    if (typeof text !== 'string') continue;
    const decoded = Buffer.from(text.replace(/^data:[^,]*,/, ''), 'base64');
    const decodedType = sniffImageType(decoded);
    if (decodedType !== null) return { kind: 'ok', value: { bytes: decoded, contentType: decodedType } };
  }
  return { kind: 'unreadable', code: 'not_an_image' };
}
