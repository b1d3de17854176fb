import type { ImagesOutcome } from '../domain/images.js';
import type { Instant } from '../domain/instant.js';
import type { Policy } from '../domain/policy.js';
import { imagesToStore, type WantedImage } from '../idwise/answer-images.js';
import type { Answer, IdwiseClient } from '../idwise/client.js';
import { answerIdOf, openAnswer } from '../idwise/stored-answers.js';
import { type ImageToStore, noteUses, storeImage } from '../idwise/stored-images.js';
import type { Vault } from '../personal-data/vault.js';
import type { Store } from '../store/store.js';

interface Dependencies {
  readonly client: Pick<IdwiseClient, 'streamImage'>;
  readonly store: Pick<Store, 'journeyAnswers' | 'images' | 'imageChunks' | 'transaction'>;
  readonly vault: Vault;
  readonly policy: Policy['images'];
  /** Milliseconds; for the bound of an attempt. */
  readonly clock?: () => number;
}

/** Events of the customer wait while an attempt lasts, so it is short; the next one goes on where it stopped. */
const MOST_IMAGES_PER_ATTEMPT = 5;
const NONE_BEGUN_AFTER_MS = 5_000;

type Fetched = Answer<'stored' | 'already_there'>;

/**
 * Makes the use case that stores those images of one stored answer which the policy names and which are not stored yet:
 * one attempt, bounded in number and time. The paths are read from the encrypted answer and go nowhere else.
 */
export function createStoreImages({
  client,
  store,
  vault,
  policy,
  clock = () => performance.now(),
}: Dependencies) {
  const shelf = { store, vault };

  return async (about: {
    referenceNo: string;
    journeyId: string;
    answerDigest: string;
    at: Instant;
  }): Promise<ImagesOutcome> => {
    const { referenceNo, journeyId, answerDigest, at } = about;
    if (policy.store === 'none') return { kind: 'stored', stored: 0 };
    const opened = await openAnswer(shelf, referenceNo, answerIdOf(journeyId, answerDigest));
    if (opened.kind !== 'answer') {
      const code = `answer:${opened.kind === 'missing' ? 'missing' : opened.code}`;
      return { kind: 'trouble', stored: 0, code, retryAfterMs: null };
    }
    const wanted = imagesToStore(opened.answer, policy.store, vault.digestKey(referenceNo));
    const missing = await withoutStored(wanted);
    return fetchAll(missing, (image) => ({
      imageId: image.imageId,
      referenceNo,
      journeyId,
      uses: image.uses,
      at,
    }));
  };

  /** Those that are not there yet; of the others it is noted where the answer shows them. */
  async function withoutStored(wanted: readonly WantedImage[]): Promise<readonly WantedImage[]> {
    const ids = wanted.map(({ imageId }) => imageId);
    const rows = await store.images.find({ _id: { $in: ids } }, { projection: { uses: 1 } }).toArray();
    const stored = new Map(rows.map((row) => [row._id, row.uses]));
    for (const { imageId, uses } of wanted) {
      const known = stored.get(imageId);
      if (known === undefined) continue;
      const isNew = uses.some(
        ({ kind, stepId }) => !known.some((use) => use.kind === kind && use.stepId === stepId),
      );
      if (isNew) await noteUses(shelf, imageId, uses);
    }
    return wanted.filter(({ imageId }) => !stored.has(imageId));
  }

  async function fetchAll(
    missing: readonly WantedImage[],
    toStore: (image: WantedImage) => ImageToStore,
  ): Promise<ImagesOutcome> {
    const startedAtMs = clock();
    let stored = 0;
    let tooLarge = 0;
    let trouble: { code: string; retryAfterMs: number | null } | null = null;
    for (const [index, image] of missing.entries()) {
      if (index >= MOST_IMAGES_PER_ATTEMPT || clock() - startedAtMs > NONE_BEGUN_AFTER_MS) {
        return trouble === null ? { kind: 'partly_stored', stored } : { kind: 'trouble', stored, ...trouble };
      }
      const fetched: Fetched = await client.streamImage(image.path, policy.mostBytes, (picture) =>
        storeImage(shelf, toStore(image), picture),
      );
      if (fetched.kind === 'ok') {
        if (fetched.value === 'stored') stored += 1;
      } else if (fetched.code === 'too_large') {
        tooLarge += 1;
      } else {
        const retryAfterMs = fetched.kind === 'unavailable' ? fetched.retryAfterMs : null;
        trouble ??= { code: `${fetched.kind}:${fetched.code}`, retryAfterMs };
        // Whoever is down, or does not let us in, is not asked for the others as well.
        if (fetched.kind === 'unavailable' || fetched.kind === 'refused') break;
      }
    }
    if (trouble !== null) return { kind: 'trouble', stored, ...trouble };
    return tooLarge > 0 ? { kind: 'unstorable', stored } : { kind: 'stored', stored };
  }
}
