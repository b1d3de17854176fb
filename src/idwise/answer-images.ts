import { createHmac } from 'node:crypto';
import type { ImageKind } from '../domain/policy.js';
import type { JourneyAnswer } from './answers.js';

/** One image that an answer names. A path is a key to a person's picture: it stays in the answer. */
export interface NamedImage {
  readonly kind: ImageKind;
  /** The document's step; null for what belongs to the person and not to a step. */
  readonly stepId: string | null;
  readonly path: string;
}

/** Takes a parsed journey; returns every image that it names (contract §4.2, §4.3, §4.5, §4.7), in a fixed order. */
export function imagesOf(answer: JourneyAnswer): readonly NamedImage[] {
  const named = [
    ...answer.documents.flatMap(({ stepId, images }) => [
      { kind: 'document_front' as const, stepId, path: images.front },
      { kind: 'document_back' as const, stepId, path: images.back },
      { kind: 'document_front_cropped' as const, stepId, path: images.frontCropped },
      { kind: 'document_back_cropped' as const, stepId, path: images.backCropped },
    ]),
    { kind: 'selfie' as const, stepId: null, path: answer.selfie?.imagePath ?? null },
    { kind: 'profile' as const, stepId: null, path: answer.applicant?.profileImagePath ?? null },
    { kind: 'government_face' as const, stepId: null, path: answer.governmentFaceImagePath },
  ];
  return named.flatMap(({ kind, stepId, path }) => (path === null ? [] : [{ kind, stepId, path }]));
}

/** Where an image stands in a journey. */
export type ImageUse = Omit<NamedImage, 'path'>;

/** One image to store, with every place in the journey where it is shown: IDWise's profile image is often the selfie. */
export interface WantedImage {
  /** Opaque, and the same for the same image: stored once, however often it is named or fetched. */
  readonly imageId: string;
  readonly path: string;
  readonly uses: readonly ImageUse[];
}

/** Takes a parsed journey, the kinds to store and the customer's digest key; returns what is to be stored. */
export function imagesToStore(
  answer: JourneyAnswer,
  kinds: readonly ImageKind[],
  digestKey: Uint8Array,
): readonly WantedImage[] {
  const byPath = new Map<string, ImageUse[]>();
  for (const { kind, stepId, path } of imagesOf(answer)) {
    if (kinds.includes(kind)) byPath.set(path, [...(byPath.get(path) ?? []), { kind, stepId }]);
  }
  return [...byPath].map(([path, uses]) => ({
    imageId: imageIdOf(answer.journeyId, path, digestKey),
    path,
    uses,
  }));
}

/** Keyed, so that nobody who sees the id can tell or try out the path. */
function imageIdOf(journeyId: string, path: string, digestKey: Uint8Array): string {
  const digest = createHmac('sha256', digestKey).update(`image\0${JSON.stringify([journeyId, path])}`);
  return `img_${digest.digest('hex').slice(0, 32)}`;
}
