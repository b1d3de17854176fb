import { withoutCredentials } from '../outgoing-http/address-credentials.js';
import { boundedRequest } from '../outgoing-http/bounded-request.js';
import { sniffImageType } from '../personal-data/image-type.js';

/** Whom the provider is asked about, from the journey as fetched. What the journey lacks is null. */
export interface FaceQuestion {
  readonly referenceNo: string;
  readonly journeyId: string;
  readonly personalNumber: string | null;
  readonly documentNumber: string | null;
  readonly issuingCountryCode: string | null;
}

type FaceAnswer =
  | { readonly kind: 'found'; readonly image: Uint8Array; readonly contentType: string }
  /** The provider knows no face of this person. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unavailable'; readonly code: string };

export interface GovernmentFaceProvider {
  ask(question: FaceQuestion): Promise<FaceAnswer>;
}

const TIME_LIMIT_MS = 10_000;
/** What IDWise's own SDK may upload at most (contract §3.4). */
const MAX_IMAGE_BYTES = 6 * 1024 * 1024;

/**
 * Takes `GOVERNMENT_FACE_URL` (user and password in it are sent as Basic) and the time limit in milliseconds; returns
 * the adapter (design §3): POST of the question, 200 with a picture or 404 for none. Never throws for what the
 * provider does; nothing of question or answer gets into a code.
 */
export function createGovernmentFaceProvider(
  address: string,
  timeLimitMs = TIME_LIMIT_MS,
): GovernmentFaceProvider {
  const { url, headers: credentials } = withoutCredentials(address);
  const headers = {
    accept: 'image/jpeg, image/png, image/webp',
    'content-type': 'application/json',
    ...credentials,
  };

  return {
    ask: async (question) => {
      const answer = await boundedRequest({
        url: url.href,
        method: 'POST',
        headers,
        body: JSON.stringify({
          referenceNo: question.referenceNo,
          journeyId: question.journeyId,
          personalNumber: question.personalNumber,
          documentNumber: question.documentNumber,
          issuingCountryCode: question.issuingCountryCode,
        }),
        timeLimitMs,
        maxBytes: MAX_IMAGE_BYTES,
      });
      if (answer.kind === 'no_answer') return { kind: 'unavailable', code: answer.code };
      if (answer.status === 404) return { kind: 'none' };
      if (answer.status !== 200) return { kind: 'unavailable', code: `http_${answer.status}` };
      const { body } = answer;
      if (body.kind === 'too_large') return { kind: 'unavailable', code: 'too_large' };
      if (body.kind === 'broken') return { kind: 'unavailable', code: `body_${body.code}` };
      const claimed = answer.headers.get('content-type') ?? '';
      const contentType = sniffImageType(body.bytes);
      if (!/^image\//i.test(claimed) || contentType === null) {
        return { kind: 'unavailable', code: 'not_an_image' };
      }
      return { kind: 'found', image: body.bytes, contentType };
    },
  };
}
