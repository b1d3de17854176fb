import type { ServiceConfig } from '../config/service-config.js';
import { boundedRequest } from '../outgoing-http/bounded-request.js';
import { boundedStream } from '../outgoing-http/bounded-stream.js';
import {
  type AmlHistoryAnswer,
  type JourneyAnswer,
  type Parsed,
  parseAmlHistory,
  parseJourney,
  parseSummary,
  type SummaryAnswer,
} from './answers.js';
import {
  type Answer,
  judge,
  judgeRefusal,
  type Ok,
  parseJson,
  saysNo,
  type Trouble,
  wholeBody,
  wholeIfSmall,
} from './api-answer.js';
import { type ImageStream, imageIn } from './image-body.js';
import { ENDPOINTS, type EndpointName, templateOf, urlFor } from './paths.js';

export type { Answer, Trouble } from './api-answer.js';

interface Image {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

export interface IdwiseClient {
  getJourney(journeyId: string): Promise<Answer<JourneyAnswer>>;
  getSummary(journeyId: string): Promise<Answer<SummaryAnswer>>;
  /** Version as named by `AML Monitor Update` (contract §3.9). */
  getAmlHistory(journeyId: string, version: number): Promise<Answer<AmlHistoryAnswer>>;
  /**
   * Fetches a picture of at most so many bytes and gives it to `take` as it comes; a picture that turns out to be too
   * large, or to break off, ends the reading with an error that `take` must let pass (`idwise/image-body.ts`).
   */
  streamImage<T>(
    imagePath: string,
    mostBytes: number,
    take: (image: ImageStream) => Promise<T>,
  ): Promise<Answer<T>>;
  /** The same, held whole. */
  getImage(imagePath: string): Promise<Answer<Image>>;
  /** Sends the picture to the configured custom step (contract §3.5). Not idempotent: go through `send-once.ts`. */
  processCustomStep(journeyId: string, image: Image): Promise<Answer<null>>;
  /** Contract §3.5. Not idempotent: go through `send-once.ts`. */
  completeCustomStep(journeyId: string): Promise<Answer<null>>;
  /** Contract §3.6. Not idempotent: go through `send-once.ts`. */
  completeJourney(journeyId: string): Promise<Answer<null>>;
  setWhitelist(
    journeyId: string,
    resourceIds: readonly string[],
    whitelisted: boolean,
  ): Promise<Answer<null>>;
  /** Method and URL template of an endpoint, as in force, for an operator to compare with their account. */
  describe(endpoint: EndpointName): string;
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
const BASE64_GROWTH = 4 / 3;
/** Other members of the JSON that a picture comes in, and line breaks of its base64. */
const MOST_AROUND_IMAGE_BYTES = 512 * 1024;

/**
 * Takes IDWise's part of the configuration; returns the client. It never retries (the agenda does) and never throws for
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
    { body }: { body?: object } = {},
  ): Promise<Ok | Trouble> {
    const url = urlFor(config.baseUrl, config.pathOverrides, endpoint, values);
    if (url === null) return { kind: 'not_found', code: 'impossible_id' };
    const isForm = body instanceof FormData;
    const answer = await boundedRequest({
      url,
      method: ENDPOINTS[endpoint].method,
      headers: {
        authorization,
        accept: 'application/json',
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      timeLimitMs: options.timeLimitMs ?? TIME_LIMIT_MS,
      maxBytes: MAX_JSON_BYTES,
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

  const streamImage: IdwiseClient['streamImage'] = async (imagePath, mostBytes, take) => {
    const url = urlFor(config.baseUrl, config.pathOverrides, 'getImage', { imagePath });
    if (url === null) return { kind: 'not_found', code: 'impossible_id' };
    const streamed = await boundedStream(
      {
        url,
        method: ENDPOINTS.getImage.method,
        headers: { authorization, accept: 'image/*, application/json' },
        timeLimitMs: options.timeLimitMs ?? TIME_LIMIT_MS,
        maxBytes: Math.ceil(mostBytes * BASE64_GROWTH) + MOST_AROUND_IMAGE_BYTES,
      },
      async ({ status, headers, body }): Promise<Answer<Awaited<ReturnType<typeof take>>>> => {
        if (status < 200 || status >= 300)
          return judgeRefusal(status, headers, await wholeIfSmall(body), clock());
        const found = await imageIn(body, mostBytes);
        if (found.kind === 'image') return { kind: 'ok', value: await take(found.image) };
        const json = parseJson(found.start);
        const failure = json.kind === 'ok' ? saysNo(json.value) : null;
        return failure ?? { kind: 'unreadable', code: 'not_an_image' };
      },
    );
    switch (streamed.kind) {
      case 'taken':
        return streamed.value;
      case 'no_answer':
        return {
          kind: 'unavailable',
          code: streamed.code,
          retryAfterMs: null,
          maybeSent: streamed.maybeSent,
        };
      case 'body_trouble':
        return streamed.isTooLarge || streamed.code === 'cut_off'
          ? { kind: 'unreadable', code: streamed.code }
          : { kind: 'unavailable', code: `body_${streamed.code}`, retryAfterMs: null, maybeSent: true };
    }
  };

  return {
    getJourney: (journeyId) => read('getJourney', { journeyId }, parseJourney),
    getSummary: (journeyId) => read('getSummary', { journeyId }, parseSummary),
    getAmlHistory: (journeyId, version) =>
      read('getAmlHistory', { journeyId, version: String(version) }, parseAmlHistory),
    streamImage,
    getImage: (imagePath) =>
      streamImage(imagePath, MAX_IMAGE_BYTES, async ({ contentType, bytes }) => ({
        contentType,
        bytes: await gathered(bytes),
      })),
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
    setWhitelist: (journeyId, resourceIds, whitelisted) =>
      change('setWhitelist', { journeyId }, { resource_ids: resourceIds, is_whitelisted: whitelisted }),
    describe: (endpoint) =>
      `${ENDPOINTS[endpoint].method} ${config.baseUrl.replace(/\/+$/, '')}${templateOf(config.pathOverrides, endpoint)}`,
  };
}

async function gathered(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
