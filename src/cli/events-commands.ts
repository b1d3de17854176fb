import type { z } from 'zod';
import { parseDuration } from '../config/duration.js';
import { eventPage, eventTrail, replays } from '../http/operator-schemas.js';
import { eventList, eventPageText, replayText, suggestions } from './event-pages.js';
import type { Asked } from './operator-client.js';
import { type ExitCode, type OperatorSession, sayWhy } from './operator-session.js';

type Replays = z.output<typeof replays>;

/** Which events, as options of the command line have it. */
export interface EventOptions {
  readonly state?: string;
  readonly parked?: boolean;
  readonly parkReason?: string;
  readonly kind?: string;
  readonly reference?: string;
  readonly journey?: string;
  readonly id?: string;
  readonly from?: string;
  readonly to?: string;
  readonly since?: string;
  readonly json?: boolean;
}

interface ListOptions extends EventOptions {
  readonly limit?: string;
  readonly cursor?: string;
}

interface ReplayOptions extends EventOptions {
  readonly reason: string;
  readonly yes?: boolean;
}

/** `events list`: takes the session and the options; prints one page of events. */
export async function listEvents(session: OperatorSession, options: ListOptions): Promise<ExitCode> {
  const filter = filterOf(options, Date.now());
  if (typeof filter === 'string') return refuse(session, filter);
  const { limit, cursor } = options;
  const query = new URLSearchParams({
    ...filter,
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  const asked = await session.client.ask(`/events?${query}`, eventPage);
  if (asked.kind !== 'answer') return sayWhy(session, asked);
  session.print(options.json ? json(asked.value) : eventList(asked.value));
  return 0;
}

/** `events show`: takes the session and an id, or the beginning of one; prints the event with its whole trail. */
export async function showEvent(
  session: OperatorSession,
  id: string,
  options: Pick<EventOptions, 'json'>,
): Promise<ExitCode> {
  const asked = await trailOf(session, id);
  if (asked.kind === 'problem' && asked.code === 'event_not_found') {
    const alike = await alikeTo(session, id);
    const [only, ...others] = alike.filter((event) => beginsAlike(event.id, id));
    if (only !== undefined && others.length === 0) return await showEvent(session, only.id, options);
    session.say(`There is no event ${id}.\n${suggestions(alike)}`);
    return 1;
  }
  if (asked.kind !== 'answer') return sayWhy(session, asked);
  session.print(options.json ? json(asked.value) : eventPageText(asked.value, Date.now()));
  return 0;
}

/**
 * `events replay`: takes the session, ids (or none, and a filter) and the options; prints what would be replayed, or
 * with `yes` what was. A filter is followed through all its pages.
 */
export async function replayEvents(
  session: OperatorSession,
  ids: readonly string[],
  options: ReplayOptions,
): Promise<ExitCode> {
  const filter = filterOf(options, Date.now());
  if (typeof filter === 'string') return refuse(session, filter);
  if (ids.length > 0 === Object.keys(filter).length > 0)
    return refuse(session, 'Name either ids or a filter, such as --parked or --since 2h');
  const dryRun = options.yes !== true;
  const events: Replays['events'] = [];
  for (const batch of ids.length > 0 ? inBatches(ids) : [null]) {
    let cursor = null as string | null;
    do {
      const which = batch === null ? { filter, ...(cursor === null ? {} : { cursor }) } : { ids: batch };
      const asked: Asked<Replays> = await session.client.ask('/replays', replays, {
        ...which,
        reason: options.reason,
        dryRun,
      });
      if (asked.kind !== 'answer') {
        if (events.length > 0) session.print(replayText({ events, dryRun }));
        return sayWhy(session, asked);
      }
      events.push(...asked.value.events);
      cursor = asked.value.next;
    } while (cursor !== null);
  }
  session.print(options.json ? json({ dryRun, events }) : replayText({ events, dryRun }));
  for (const { id } of events.filter(({ outcome }) => outcome === 'not_found'))
    session.say(`There is no event ${id}. ${suggestions(await alikeTo(session, id))}`);
  const isLeft = events.some(({ outcome }) => NOT_REPLAYED.has(outcome));
  return isLeft ? 1 : 0;
}

/** What leaves somebody with something to do or to learn; of the others, a replay is there. */
const NOT_REPLAYED: ReadonlySet<string> = new Set(['not_found', 'still_not_understood', 'measure_of_case']);

const MOST_IDS_PER_REQUEST = 100;

function inBatches(ids: readonly string[]): (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / MOST_IDS_PER_REQUEST) }, (_, batch) =>
    ids.slice(batch * MOST_IDS_PER_REQUEST, (batch + 1) * MOST_IDS_PER_REQUEST),
  );
}

async function trailOf({ client }: OperatorSession, id: string) {
  return await client.ask(`/events/${encodeURIComponent(id)}`, eventTrail);
}

const MOST_SUGGESTED = 5;
const SHORTEST_BEGINNING = 4;

/** Events whose ids begin like the one that is not there: as much of it as fits any, and at least four characters. */
async function alikeTo(
  { client }: OperatorSession,
  id: string,
): Promise<z.output<typeof eventPage>['events']> {
  const bare = id.replace(/^idwise:/, '');
  for (let length = bare.length; length >= SHORTEST_BEGINNING; length = Math.floor(length / 2)) {
    const query = new URLSearchParams({ id: bare.slice(0, length), limit: String(MOST_SUGGESTED) });
    const asked = await client.ask(`/events?${query}`, eventPage);
    if (asked.kind === 'answer' && asked.value.events.length > 0) return asked.value.events;
  }
  return [];
}

function beginsAlike(id: string, beginning: string): boolean {
  return id.startsWith(beginning) || id.startsWith(`idwise:${beginning}`);
}

/** From options to the members of a filter, or what is wrong with them. */
function filterOf(options: EventOptions, nowMs: number): Record<string, string> | string {
  const { parked, state, since, from, to } = options;
  if (parked && state !== undefined && state !== 'parked')
    return '--parked and --state contradict each other';
  if (since !== undefined && from !== undefined) return '--since and --from say the same; name one of them';
  const sinceMs = since === undefined ? null : parseDuration(since);
  if (since !== undefined && sinceMs === null) return '--since takes a duration such as 30m, 2h or 7d';
  const begin = sinceMs === null ? timeOf(from) : new Date(nowMs - sinceMs).toISOString();
  const end = timeOf(to);
  if (begin === null || end === null) return '--from and --to take times such as 2026-03-01T02:00Z';
  const members = {
    state: parked ? 'parked' : state,
    parkReason: options.parkReason,
    kind: options.kind,
    referenceNo: options.reference,
    journeyId: options.journey,
    id: options.id,
    from: begin,
    to: end,
  };
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** A time without zone is in UTC, as all that is printed here. */
function timeOf(text: string | undefined): string | undefined | null {
  if (text === undefined) return undefined;
  const zoned = /(z|[+-]\d{2}:\d{2})$/i.test(text) || !text.includes('T') ? text : `${text}Z`;
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(zoned) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

function refuse({ say }: OperatorSession, problem: string): ExitCode {
  say(`${problem}.`);
  return 1;
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
