import type { z } from 'zod';
import type { eventPage, eventSummary, eventTrail, replays } from '../http/operator-schemas.js';
import { PARK_REASON_TEXTS } from './park-reason-texts.js';
import { count, fields, indented, part, printable, table, time, timeFromNow } from './terminal-text.js';

type Summary = z.output<typeof eventSummary>;
type Trail = z.output<typeof eventTrail>;
type Replays = z.output<typeof replays>;

/** Takes a page of events; returns it as a table, with how to see the next one. */
export function eventList({ events, next }: z.output<typeof eventPage>): string {
  if (events.length === 0) return 'No event is like that.';
  const more = next === null ? '' : `\nThere are more: add --cursor ${next}`;
  return `${eventTable(events)}\n\n${count(events.length, 'event')}.${more}`;
}

/** Takes events; returns the table of them alone. */
export function eventTable(events: readonly Summary[]): string {
  return table(
    ['received', 'state', 'reason', 'kind', 'customer', 'id'],
    events.map((event) => [
      time(event.receivedAt),
      event.state,
      event.parkReason ?? '',
      event.kind,
      event.referenceNo ?? '',
      event.id,
    ]),
  );
}

/** Takes an event's trail and the time in milliseconds; returns the page that an engineer reads at night. */
export function eventPageText(event: Trail, nowMs: number): string {
  const { delivery, replay } = event;
  const when = (instant: string | null) => (instant === null ? null : timeFromNow(instant, nowMs));
  return [
    `${printable(event.id)} is ${event.state}${event.parkReason === null ? '' : `: ${event.parkReason}`}`,
    fields([
      ['kind', `${event.kind}, from ${event.source}`],
      ['customer', event.owner ?? event.referenceNo],
      ['journey', event.journeyId],
      ['received', when(event.receivedAt)],
      ['replay of', replay && `${replay.of}, first received ${time(replay.firstReceivedAt)}`],
      ['replayed by', replay && `${replay.actor}: ${replay.reason}`],
      ['signalled', when(delivery.signalledAt)],
      ['failed tries', delivery.failedAttempts === 0 ? null : String(delivery.failedAttempts)],
      ['settled', when(delivery.processedAt)],
      ['outcome', delivery.outcome],
      ['workflow', event.workflowId],
    ]),
    part('What it waits for', waitText(event, nowMs)),
    part(
      'What it brought about',
      event.effects.length === 0
        ? 'Nothing that is on record.'
        : table(
            ['no.', 'at', 'effect', 'by', 'cause'],
            event.effects.map(({ sequence, at, effect, actor, cause }) => [
              String(sequence),
              time(at),
              effect,
              actor,
              cause.kind,
            ]),
          ),
    ),
    part(event.replay === null ? 'Replays' : 'Other replays', replaysText(event.replays)),
    part('Body', bodyOf(event)),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function replaysText(replays: readonly Summary[]): string {
  if (replays.length === 0) return '';
  return table(
    ['received', 'state', 'reason', 'by', 'why', 'id'],
    replays.map(({ receivedAt, state, parkReason, replay, id }) => [
      time(receivedAt),
      state,
      parkReason ?? '',
      replay?.actor ?? '',
      replay?.reason ?? '',
      id,
    ]),
  );
}

function waitText({ id, journeyId, waitsFor, parkReason, state, replays }: Trail, nowMs: number): string {
  if (state === 'replayed') return `Nothing more: ${replays.at(-1)?.id ?? 'a replay'} stands in for it.`;
  if (waitsFor === null) return 'Nothing.';
  const { what, trouble, attempts, nextAttemptAt, giveUpAt } = waitsFor;
  const next = nextAttemptAt === null ? '' : ` Next try ${timeFromNow(nextAttemptAt, nowMs)}.`;
  switch (what) {
    case 'operator': {
      const text = parkReason === null ? null : PARK_REASON_TEXTS[parkReason];
      return [
        ...(text === null ? [] : [text.means, text.mend]),
        `npm run cli -- events replay '${printable(id)}' --reason '…'`,
        ...(journeyId === null
          ? []
          : [`or all that is parked of this journey: … replay --parked --journey '${printable(journeyId)}'`]),
      ].join('\n');
    }
    case 'temporal':
      return `To be accepted by Temporal, after ${count(attempts, 'failed attempt')}.${next}`;
    case 'identification':
      return 'For IDWise to say whose journey it is; the workflow’s page in Temporal shows the last answer.';
    case 'worker':
      return 'For the customer’s workflow to take it up. Do workers run?';
    case 'idwise': {
      const last = trouble === null ? '' : ` Last answer: ${trouble}, after ${count(attempts, 'attempt')}.`;
      const end = giveUpAt === null ? '' : ` Given up ${timeFromNow(giveUpAt, nowMs)}.`;
      return `For IDWise to show the journey.${last}${next}${end}`;
    }
  }
}

function bodyOf({ body }: Trail): string {
  if (body === null) return '';
  try {
    return JSON.stringify(JSON.parse(body), null, 2).split('\n').map(printable).join('\n');
  } catch {
    return printable(body);
  }
}

const OUTCOMES: Readonly<Record<Replays['events'][number]['outcome'], string>> = {
  replayed: 'replayed',
  would_replay: 'would be replayed',
  still_not_understood: 'still not understood',
  under_way: 'a replay is under way',
  replayed_before: 'replayed before',
  measure_of_case: 'measure of a case, never replayed',
  not_found: 'not found',
};

/** Takes what became of the events, and whether it was only tried; returns the table and what to do next. */
export function replayText({ events, dryRun }: Pick<Replays, 'events' | 'dryRun'>): string {
  if (events.length === 0) return 'No event is like that; there is nothing to replay.';
  const rows = events.map(({ id, outcome, replayId, kind, parkReason }) => [
    OUTCOMES[outcome],
    parkReason ?? kind ?? '',
    id,
    replayId ?? '',
  ]);
  const done = events.filter(({ outcome }) => outcome === (dryRun ? 'would_replay' : 'replayed')).length;
  const sum = dryRun
    ? `${count(done, 'event')} would be replayed. Nothing was changed: add --yes to do it.`
    : `${count(done, 'event')} replayed. What became of one: npm run cli -- events show '<id of the replay>'`;
  return `${table(['outcome', 'kind', 'event', 'replay'], rows)}\n\n${sum}`;
}

/** Takes the events whose ids begin as an unknown one does; returns what to say of them. */
export function suggestions(events: readonly Summary[]): string {
  return events.length === 0
    ? 'No id begins like that. Look for it: npm run cli -- events list'
    : `These begin alike:\n${indented(eventTable(events))}`;
}
