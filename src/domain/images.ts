import type { AgendaItem } from './agenda.js';
import { type Change, only } from './change.js';
import {
  type CustomerFacts,
  type ImagesFacts,
  type JourneyFacts,
  knownJourney,
  withJourney,
} from './customer.js';
import type { Effect } from './effects.js';
import { type Instant, later, latest } from './instant.js';
import { isOpen } from './journey.js';
import type { Policy } from './policy.js';
import { nextRung } from './retry-ladder.js';
import { pauseAfter, troubleEffects } from './trouble.js';

/** What one attempt to fetch and store a journey's images brought; `stored` of them are new. */
export type ImagesOutcome =
  /** Every image of the answer that the policy names is stored. */
  | { readonly kind: 'stored'; readonly stored: number }
  /** All went well, and there are more than one attempt may fetch. */
  | { readonly kind: 'partly_stored'; readonly stored: number }
  /** What is left is larger than the policy allows: asking again would bring the same. */
  | { readonly kind: 'unstorable'; readonly stored: number }
  /** At least one image could not be had now, or could not be read. */
  | {
      readonly kind: 'trouble';
      readonly stored: number;
      readonly code: string;
      readonly retryAfterMs: number | null;
    };

/** An attempt at the images that one stored answer names. */
export interface ImagesAttempted {
  readonly journeyId: string;
  readonly answerDigest: string;
  readonly outcome: ImagesOutcome;
}

/**
 * Takes a journey and the policy; returns the name of what is to be stored: these images, of these kinds, up to this
 * size. Null while the journey is not finished, and where nothing is stored at all. Another name, because the user redid
 * a step or the policy has changed, is another matter.
 */
function wantedImages({ snapshot }: JourneyFacts, { images }: Policy): string | null {
  if (images.store === 'none' || images.store.length === 0 || snapshot === null || isOpen(snapshot))
    return null;
  const digest = snapshot.imagesDigest ?? snapshot.answerDigest;
  return [digest, images.mostBytes, ...[...images.store].sort()].join(' ');
}

/**
 * Takes a journey, the policy and the time; returns the item that stands while images of it are still to be stored, or
 * null. It lets everything else that is due go first: nothing that a customer waits for may wait for pictures.
 */
export function imagesAgenda(journey: JourneyFacts, policy: Policy, now: Instant): AgendaItem | null {
  const wanted = wantedImages(journey, policy);
  // The look goes first: it may show other images.
  if (wanted === null || journey.owedLook !== null) return null;
  const { journeyId, snapshot } = journey;
  const item = { what: 'images', journeyId, answerDigest: snapshot?.answerDigest ?? '' } as const;
  const images = journey.images ?? null;
  if (images === null || images.wanted !== wanted) return { ...item, nextAttemptAt: now, giveUpAt: null };
  if (images.state !== 'owed') return null;
  const rung = images.trouble === null ? images.lastAttemptAt : nextRung(images.since, images.lastAttemptAt);
  return {
    ...item,
    nextAttemptAt: latest(latest(now, rung), images.notBefore),
    giveUpAt: later(images.since, policy.look.giveUpMs),
  };
}

/** Takes the facts, what an attempt at the images of one answer brought, the policy and the time; returns the change. */
export function recordImages(
  facts: CustomerFacts,
  { journeyId, answerDigest, outcome }: ImagesAttempted,
  policy: Policy,
  at: Instant,
): Change {
  const journey = knownJourney(facts, journeyId);
  const wanted = journey === undefined ? null : wantedImages(journey, policy);
  const stored: Effect[] =
    outcome.stored > 0 ? [{ kind: 'images_stored', journeyId, count: outcome.stored }] : [];
  // The record may have moved on while the attempt was under way, as after a reset of the workflow.
  const isAboutThese = journey?.snapshot?.answerDigest === answerDigest;
  if (journey === undefined || wanted === null || !isAboutThese) return only(facts, stored);

  const known = journey.images?.wanted === wanted ? journey.images : null;
  const images: ImagesFacts = {
    wanted,
    state: STATE_AFTER[outcome.kind],
    since: known?.since ?? at,
    lastAttemptAt: at,
    trouble: outcome.kind === 'trouble' ? outcome.code : null,
    notBefore: pauseAfter(outcome, at),
  };
  const alarms: Effect[] =
    outcome.kind === 'unstorable'
      ? [{ kind: 'alarm', code: 'images_gave_up', journeyId }]
      : troubleEffects(known?.trouble ?? null, images.trouble, journeyId);
  return only(
    withJourney(facts, journeyId, at, (old) => ({ ...old, images })),
    [...stored, ...alarms],
  );
}

const STATE_AFTER = {
  stored: 'stored',
  partly_stored: 'owed',
  unstorable: 'unstorable',
  trouble: 'owed',
} as const satisfies Record<ImagesOutcome['kind'], ImagesFacts['state']>;

/** Takes the facts, the journey whose images have waited too long, and the time; returns the change. */
export function giveImagesUp(facts: CustomerFacts, journeyId: string, at: Instant): Change {
  return only(
    withJourney(facts, journeyId, at, (old) =>
      old.images == null ? old : { ...old, images: { ...old.images, state: 'given_up' } },
    ),
    [{ kind: 'alarm', code: 'images_gave_up', journeyId }],
  );
}

/** Takes a journey of which something new is heard; returns it with given-up images wanted anew. */
export function imagesTakenUp(journey: JourneyFacts): JourneyFacts {
  return journey.images?.state === 'given_up' ? { ...journey, images: null } : journey;
}

/** Takes a journey that somebody wants looked at again; returns it with every image wanted that is not there. */
export function imagesWantedAnew(journey: JourneyFacts): JourneyFacts {
  return journey.images == null ? journey : { ...journey, images: null };
}
