import { ScenarioFailure, waitFor } from './waiting.js';

/** What a scenario reads of the profile view. */
export interface ProfileView {
  referenceNo: string;
  status: string;
  access: string;
  reason: { code?: string; text?: string } | string | null;
  nextSteps: unknown[];
  dueAt: string | null;
  journeys: { journeyId: string }[];
  version: number;
}

const requestTimeoutMs = 10_000;

/** The company's app and backend, as they call the service: over HTTP, with an API key. */
export class ServiceApi {
  /**
   * @param url where the API listens, without a slash at the end
   * @param deadlineMs how long a call is tried again while the API cannot be reached or answers 5xx
   */
  constructor(
    private readonly url: string,
    private readonly apiKey: string,
    private readonly deadlineMs: number,
  ) {}

  register(customerId: string): Promise<ProfileView> {
    return this.call('POST', '/v1/verifications', { customerId });
  }

  view(referenceNo: string): Promise<ProfileView> {
    return this.call('GET', `/v1/verifications/${encodeURIComponent(referenceNo)}`);
  }

  reportStart(referenceNo: string, journeyId: string): Promise<ProfileView> {
    return this.call('POST', `/v1/verifications/${encodeURIComponent(referenceNo)}/journeys`, { journeyId });
  }

  reportCompletion(referenceNo: string, journeyId: string): Promise<ProfileView> {
    const path = `/v1/verifications/${encodeURIComponent(referenceNo)}/journeys/${journeyId}/completed`;
    return this.call('POST', path);
  }

  // Every call of a scenario may be repeated, so one that was cut off by a dying server is simply made again.
  private call(method: string, path: string, body?: unknown): Promise<ProfileView> {
    return waitFor(
      async () => {
        const response = await fetch(`${this.url}${path}`, {
          method,
          headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(requestTimeoutMs),
        });
        const text = await response.text();
        if (response.ok) return JSON.parse(text) as ProfileView;
        if (response.status >= 500 || response.status === 429)
          throw new Error(`it answers ${response.status}`);
        throw new ScenarioFailure(`${method} ${path} was refused: ${response.status} ${text.slice(0, 300)}`);
      },
      this.deadlineMs,
      (lastError) => `the API at ${this.url} does not answer ${method} ${path}: ${causeOf(lastError)}`,
    );
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
