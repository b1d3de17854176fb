import type { AmlChange } from '../aml-changes.js';
import { type CustomerFacts, knownJourney } from '../customer.js';
import type { Turn } from '../customer-turn.js';
import type { Standing } from '../effects.js';
import { rulingJourney } from '../ruling-journey.js';
import type { Ground } from '../status.js';
import type { CaseKind } from './case.js';

/** What a turn of the customer's workflow has to say to a case, which is opened where there is none. */
export type CaseCause =
  /** Matches in the first result (`fromVersion` 0), a change of them by monitoring, or what such a change has shown to be. */
  | { readonly kind: 'aml_changed'; readonly change: AmlChange }
  | { readonly kind: 'review_wanted'; readonly journeyId: string; readonly ground: Ground }
  | { readonly kind: 'review_decided'; readonly journeyId: string; readonly ground: Ground };

/** Takes a cause; returns which kind of case it is about. */
export function caseKindOf(cause: CaseCause): CaseKind {
  return cause.kind === 'aml_changed' ? 'aml' : 'review';
}

/**
 * Takes the facts before a turn, how the customer stood, and the turn; returns what it says to cases. That one AML change
 * is one change, whichever of its two events, a replay or a sweep brought it, the customer's turn has seen to.
 */
export function caseCauses(before: CustomerFacts, stood: Standing, turn: Turn): readonly CaseCause[] {
  return [...amlCauses(before, turn), ...reviewCauses(before, stood, turn)];
}

/** Takes a turn; returns the journeys whose matches it shows and which compliance knows from before an import. */
export function journeysKnownBefore({ effects }: Turn): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === 'matches_known' ? [effect.journeyId] : []));
}

function amlCauses(before: CustomerFacts, turn: Turn): CaseCause[] {
  const changes = turn.effects.flatMap((effect) =>
    effect.kind === 'aml_changed' || effect.kind === 'aml_shown' ? [effect.change] : [],
  );
  const known = journeysKnownBefore(turn);
  const first = Object.values(turn.facts.journeys)
    .filter(({ journeyId, aml }) => {
      const isFirst = aml.digest !== null && (knownJourney(before, journeyId)?.aml.digest ?? null) === null;
      const isKnown = known.includes(journeyId) || changes.some((change) => change.journeyId === journeyId);
      return isFirst && !isKnown;
    })
    .flatMap(({ journeyId, aml, snapshot }): AmlChange[] => {
      const openMatches = snapshot?.aml?.openMatches ?? 0;
      if (openMatches === 0) return [];
      const { version, digest } = aml;
      return [{ journeyId, fromVersion: 0, toVersion: version, openMatches, digest, showing: 'shown' }];
    });
  return [...changes, ...first].map((change) => ({ kind: 'aml_changed', change }));
}

/**
 * A review is about the journey that rules. Where another one comes to rule, the former one's review is decided: nobody
 * can be asked to decide what counts no more.
 *
 * A hold covers the review beneath it without ending it. How the customer stood beneath is not on record, so there it is
 * said anew each time, and the case knows what it has heard.
 */
function reviewCauses(before: CustomerFacts, stood: Standing, { judgement }: Turn): CaseCause[] {
  const { status, finding, ground } = judgement;
  const isHeld = status === 'suspended';
  const isReviewed = status === 'under_review' || (isHeld && finding === 'under_review');
  const is = isReviewed ? judgement.journeyId : null;
  const was = rulingJourney(before)?.journeyId ?? null;
  const mayHaveBeen = stood.status === 'under_review' || stood.status === 'suspended';
  const causes: CaseCause[] = [];
  if (mayHaveBeen && was !== null && was !== is)
    causes.push({
      kind: 'review_decided',
      journeyId: was,
      ground: isHeld ? judgement.findingGround : ground,
    });
  if (is !== null && (is !== was || stood.status !== 'under_review'))
    causes.push({ kind: 'review_wanted', journeyId: is, ground: judgement.findingGround });
  return causes;
}
