import { policyVersion } from '../audit/policy-version.js';
import type { ImageKind, Policy } from '../domain/policy.js';
import { type ImageShelf, type OpenedImage, openImage } from '../idwise/stored-images.js';
import type { Store } from '../store/store.js';
import { recordRead } from './record-read.js';

/** A stored image, without its content. One that is shown in two places is listed for each, under the same id. */
interface ListedImage {
  readonly imageId: string;
  readonly kind: ImageKind;
  readonly journeyId: string;
  readonly stepId: string | null;
  readonly contentType: string;
  readonly bytes: number;
  readonly storedAt: string;
}

export interface ReadImages {
  /** Takes a customer and the reader's credential; returns what is stored, the oldest first. */
  list(referenceNo: string, actor: string): Promise<readonly ListedImage[]>;
  /** Takes a customer, an image and the reader's credential; returns the image. */
  open(referenceNo: string, imageId: string, actor: string): Promise<OpenedImage>;
}

/** Far more than the journeys of one customer have. */
const MOST_IMAGES = 1_000;

/**
 * Makes the use case by which the company reads stored images. A read is on record before anything is opened, so that
 * there is no read without a record; there is none of an image that is not there.
 */
export function createReadImages({
  store,
  vault,
  policy,
}: ImageShelf & {
  readonly store: Pick<Store, 'profiles' | 'audit' | 'transaction'>;
  readonly policy: Policy;
}): ReadImages {
  const recorder = { store, policyVersion: policyVersion(policy) };
  return {
    list: async (referenceNo, actor) => {
      const rows = await store.images
        .find({ referenceNo }, { sort: { storedAt: 1, _id: 1 }, limit: MOST_IMAGES })
        .toArray();
      await recordRead(recorder, referenceNo, { actor, at: new Date() }, () => ({
        effect: 'images_listed',
        journeyId: null,
        what: { count: rows.length },
      }));
      return rows.flatMap(({ _id, uses, journeyId, contentType, bytes, storedAt }) =>
        uses.map(({ kind, stepId }) => ({
          imageId: _id,
          kind,
          journeyId,
          stepId,
          contentType,
          bytes,
          storedAt: storedAt.toISOString(),
        })),
      );
    },
    open: async (referenceNo, imageId, actor) => {
      const row = await store.images.findOne({ _id: imageId, referenceNo });
      if (row === null) return { kind: 'missing' };
      await recordRead(recorder, referenceNo, { actor, at: new Date() }, () => ({
        effect: 'image_read',
        journeyId: row.journeyId,
        what: { imageId },
      }));
      return openImage({ store, vault }, referenceNo, imageId);
    },
  };
}
