/** Takes an insertion under a deterministic key; a row that is already there is as good. */
export async function insertOnce(insert: () => Promise<unknown>): Promise<'inserted' | 'already_there'> {
  try {
    await insert();
    return 'inserted';
  } catch (error) {
    if (isDuplicateKey(error)) return 'already_there';
    throw error;
  }
}

const DUPLICATE_KEY = 11_000;

/** A duplicate key that was not acknowledged by a majority proves nothing, so a write-concern error counts first. */
export function isDuplicateKey(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== DUPLICATE_KEY)
    return false;
  const result = 'result' in error ? error.result : null;
  const concern =
    typeof result === 'object' && result !== null && 'writeConcernError' in result
      ? result.writeConcernError
      : null;
  return concern === null || concern === undefined;
}
