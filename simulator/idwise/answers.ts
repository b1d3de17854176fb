/** What a simulated endpoint answers. */
export type Answer =
  | { kind: 'json'; status: number; json: unknown; headers?: Record<string, string> }
  | { kind: 'bytes'; status: number; bytes: Buffer; contentType: string }
  | { kind: 'empty'; status: number };

export function ok(json: unknown): Answer {
  return { kind: 'json', status: 200, json };
}

/**
 * IDWise's error envelope (contract §3.11).
 *
 * @param headers e.g. `retry-after`
 */
export function refusal(
  status: number,
  errorCode: string,
  message: string,
  headers: Record<string, string> = {},
): Answer {
  return { kind: 'json', status, json: { success: false, message, error_code: errorCode }, headers };
}

const codesByStatus: Record<number, string> = {
  401: 'invalid_credentials',
  403: 'unauthorized',
  404: 'missing_requested_resource',
};

/** The envelope for a status that a fault asked for; codes are documented for 401, 403 and 404 only. */
export function refusalByFault(status: number, retryAfterSeconds: number | undefined): Answer {
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return refusal(status, codesByStatus[status] ?? 'simulated_fault', 'a fault was asked for', headers);
}
