import { defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { AgendaItem } from '../src/domain/agenda.js';
import { SEARCH_ATTRIBUTES } from '../src/temporal/names.js';
import type { CustomerWorkflowState } from './customer-state.js';

const keyOf = <Name extends keyof typeof SEARCH_ATTRIBUTES>(name: Name) =>
  defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]);

const WAITING_TEXTS: Readonly<Record<AgendaItem['what'], string>> = {
  look: 'fetch the journey from IDWise',
  second_look: 'look again for the result that IDWise owes',
  aml_versions: 'read the new AML versions',
  custom_step: 'bring the government-face step to its end',
  complete_journey: 'close the journey at IDWise',
  images: "fetch and store the journey's images",
  close_silent_journey: 'close the journey if no more steps arrive',
  remind: 'remind the customer of what they have to do',
  clock: 'judge again when the time is up',
};

/** Takes what waits; returns it in words for an engineer. */
export function waitingText(item: AgendaItem): string {
  return WAITING_TEXTS[item.what];
}

/**
 * What an engineer sees of a run in Temporal's UI: search attributes for lists, current details for the page. Shown when
 * the run comes to rest, and attributes only when they changed, because every write is an event of the history.
 */
export function createCustomerPage(referenceNo: string): { show(state: CustomerWorkflowState): void } {
  let shown = '';
  return {
    show(state) {
      const { standing, agenda, lastEvent } = state;
      const next = agenda[0];
      const attributes = [
        { key: keyOf('VerificationStatus'), value: standing.status },
        { key: keyOf('VerificationAccess'), value: standing.access },
        { key: keyOf('WaitingFor'), value: next?.what ?? 'event' },
        { key: keyOf('Attention'), value: standing.attention ?? 'none' },
        { key: keyOf('JourneyId'), value: standing.journeyId },
        { key: keyOf('LastEventAt'), value: lastEvent === null ? null : new Date(lastEvent.at) },
      ];
      setCurrentDetails(details(referenceNo, state));
      const fingerprint = JSON.stringify(attributes.map(({ value }) => value));
      if (fingerprint === shown) return;
      shown = fingerprint;
      upsertSearchAttributes(attributes);
    },
  };
}

function details(referenceNo: string, state: CustomerWorkflowState): string {
  const { standing, agenda, lastEvent, duplicates, eventsTaken, queue } = state;
  const waits = agenda.map(
    (item) =>
      `| ${waitingText(item)} | ${item.journeyId ?? ''} | ${item.nextAttemptAt} | ${item.giveUpAt ?? 'never'} |`,
  );
  return [
    `**Customer \`${referenceNo}\`** is **${standing.status}** with access **${standing.access}** (${standing.ground.replaceAll('_', ' ')}).`,
    standing.attention === null ? '' : `**Needs a human: ${standing.attention}**`,
    '',
    '| | |',
    '|---|---|',
    `| ruling journey | ${standing.journeyId ?? 'none yet'} |`,
    `| journeys | ${standing.journeys.map(({ journeyId, open }) => `${journeyId} (${open ? 'open' : 'finished'})`).join(', ') || 'none yet'} |`,
    `| version of the view | ${standing.version} |`,
    `| last event | ${lastEvent === null ? 'none yet' : `${lastEvent.kind} at ${lastEvent.at}`} |`,
    `| events taken / repeated / queued | ${eventsTaken} / ${duplicates} / ${queue.length} |`,
    '',
    ...(waits.length === 0
      ? ['Waits for the next event.']
      : ['| waits to | journey | next attempt | gives up |', '|---|---|---|---|', ...waits]),
  ].join('\n');
}
