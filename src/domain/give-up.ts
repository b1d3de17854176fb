import type { AgendaItem } from './agenda.js';
import { amlEffect, amlIsUnexplained, recordAmlVersions } from './aml-changes.js';
import { awaitedResult } from './awaited-result.js';
import { type Change, only } from './change.js';
import { type CustomerFacts, knownJourney, withJourney } from './customer.js';
import type { AlarmCode, Effect, ParkedLookReason } from './effects.js';
import { giveImagesUp } from './images.js';
import type { Instant } from './instant.js';
import { completionEffects, isForSilence } from './journey-calls.js';
import type { Policy } from './policy.js';

/**
 * What has waited too long is parked with a reason and raises an alarm; the customer's loop goes on.
 *
 * Takes the facts, the agenda's item, the policy and the time; returns the change.
 */
export function giveUp(facts: CustomerFacts, item: AgendaItem, policy: Policy, at: Instant): Change {
  const { journeyId } = item;
  const journey = journeyId === null ? undefined : knownJourney(facts, journeyId);
  if (journeyId === null || journey === undefined) return only(facts, []);
  const put = (change: Partial<typeof journey>) =>
    withJourney(facts, journeyId, at, (old) => ({ ...old, ...change }));
  const alarm = (code: AlarmCode): Effect => ({ kind: 'alarm', code, journeyId });
  switch (item.what) {
    case 'look': {
      const { owedLook } = journey;
      const reason = parkedReason(owedLook?.trouble ?? null);
      // A journey that is not ours, or that IDWise never knew, leaves no trace in the facts, so that it can never rule.
      const next =
        journey.snapshot === null && reason !== 'look_gave_up'
          ? withoutJourney(facts, journeyId)
          : // What could not be read is not closed unread for a silence.
            put({ owedLook: null, ...(isForSilence(journey.completion) ? { completion: null } : {}) });
      return {
        facts: next,
        effects: [
          { kind: 'parked', journeyId, reason },
          alarm(reason),
          ...completionEffects(facts, next, journeyId),
        ],
        processed: [],
        parked: { causes: owedLook?.causes ?? [], reason },
      };
    }
    case 'second_look': {
      // What was only mentioned may never have been; a result that never came is an alarm.
      switch (awaitedResult(journey, policy)?.what) {
        case 'hint_of_newer_steps':
          return only(put({ verdict: journey.verdict && { ...journey.verdict, newerStepsAt: null } }), []);
        case 'hint_of_renewal':
          return only(put({ resultGivenUpAt: at }), []);
        case 'hint_of_decision':
          return only(put({ heardManualDecision: null }), []);
        case undefined:
          return only(facts, []);
        default:
          return only(put({ resultGivenUpAt: at }), [alarm('result_overdue')]);
      }
    }
    case 'aml_versions': {
      const outcome = { kind: 'trouble', code: 'gave_up' } as const;
      const { facts: next, amlChange } = recordAmlVersions(facts, journeyId, outcome, at, true);
      if (amlChange !== null) return only(next, [amlEffect(amlChange)]);
      // That there is no further version is no loss; one that is known to be there and cannot be stored is one.
      const isLoss = journey.aml.heardVersion > journey.aml.storedVersion || amlIsUnexplained(journey);
      return only(next, isLoss ? [alarm('aml_versions_gave_up')] : []);
    }
    case 'custom_step':
      return only(
        put({
          customStep: journey.customStep && { ...journey.customStep, completedAt: at, trouble: 'gave_up' },
        }),
        [alarm('custom_step_gave_up')],
      );
    case 'complete_journey':
      return only(put({ completion: journey.completion && { ...journey.completion, state: 'given_up' } }), [
        alarm('completion_gave_up'),
      ]);
    case 'whitelist':
      return only(put({ whitelisting: null }), [alarm('whitelisting_gave_up')]);
    case 'images':
      return giveImagesUp(facts, journeyId, at);
    case 'close_silent_journey':
    case 'remind':
    case 'clock':
      return only(facts, []);
  }
}

function parkedReason(trouble: string | null): ParkedLookReason {
  if (trouble === 'not_ours') return 'journey_not_ours';
  return trouble === 'unknown_journey' ? 'unknown_journey' : 'look_gave_up';
}

function withoutJourney(facts: CustomerFacts, journeyId: string): CustomerFacts {
  const { [journeyId]: _dropped, ...journeys } = facts.journeys;
  return { ...facts, journeys };
}
