import type { ReadEventTrail } from '../../usecases/event-trail.js';
import type { FindEvents } from '../../usecases/find-events.js';
import type { ReplayEvents } from '../../usecases/replay-events.js';
import { cursorOf } from '../event-cursor.js';
import * as answers from '../operator-answers.js';
import { eventPage, eventQuery, eventTrail, replayRequest, replays } from '../operator-schemas.js';
import { actorOf, type Route, route } from '../route.js';

interface Dependencies {
  readonly findEvents: FindEvents;
  readonly readEventTrail: ReadEventTrail;
  readonly replayEvents: ReplayEvents;
}

const USUALLY_LISTED = 50;

/** Takes what they need; returns the routes by which operators find an event, understand it and have it replayed. */
export function operatorEventRoutes({ findEvents, readEventTrail, replayEvents }: Dependencies): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/operator/events',
      operationId: 'listEvents',
      summary: 'Stored events, the newest first; every filter may be left out.',
      access: 'operator',
      body: null,
      query: eventQuery,
      answers: { 200: { description: 'A page of them', schema: eventPage } },
      problems: ['invalid_request', 'search_too_wide', 'storage_unavailable'],
      handle: async ({ res, query: { limit = USUALLY_LISTED, cursor = null, ...filter } }) => {
        const found = await findEvents(filter, { after: cursor, limit });
        if (found.kind === 'too_wide') return 'search_too_wide';
        res.set('Cache-Control', 'no-store').json({
          events: found.events.map(answers.eventSummary),
          next: cursorOf(found.next),
        });
      },
    }),
    route({
      method: 'get',
      path: '/v1/operator/events/:eventId',
      operationId: 'getEvent',
      summary: 'One event with its whole trail: body, delivery, effects, replays, and what it waits for.',
      access: 'operator',
      body: null,
      answers: { 200: { description: 'The event', schema: eventTrail } },
      problems: ['event_not_found', 'not_found', 'storage_unavailable'],
      handle: async ({ res, params }) => {
        const trail = await readEventTrail(params['eventId'] ?? '');
        if (trail === null) return 'event_not_found';
        res.set('Cache-Control', 'no-store').json(answers.eventTrail(trail));
      },
    }),
    route({
      method: 'post',
      path: '/v1/operator/replays',
      operationId: 'replayEvents',
      summary:
        'Sends stored events on their way once more, each as a new event; with dryRun it only says which. What was not understood is read anew.',
      access: 'operator',
      body: replayRequest,
      answers: { 200: { description: 'What became, or would become, of each', schema: replays } },
      problems: ['invalid_request', 'not_json', 'storage_unavailable'],
      handle: async (call) => {
        const { ids, filter, cursor = null, reason, dryRun } = call.body;
        const which =
          ids === undefined
            ? { kind: 'filter' as const, filter: filter ?? {}, after: cursor }
            : { kind: 'ids' as const, ids };
        const done = await replayEvents({ which, actor: actorOf(call), reason, dryRun });
        call.res.json({ dryRun, events: done.events.map(answers.replayed), next: cursorOf(done.next) });
      },
    }),
  ];
}
