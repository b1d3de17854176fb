import type { Alarm } from '../../observability/alarm.js';
import type { Store } from '../../store/store.js';
import type { createReadDetails } from '../../usecases/read-details.js';
import { EVENT_STREAM_HEADERS, type EventStreams } from '../event-streams.js';
import { actorOf, profileOf, type Route, route } from '../route.js';
import { details, profileView } from '../schemas.js';
import { type ChooseLanguage, LANGUAGE_HEADER } from '../view-language.js';

interface Dependencies {
  readonly store: Pick<Store, 'profiles'>;
  readonly readDetails: ReturnType<typeof createReadDetails>;
  readonly eventStreams: EventStreams;
  readonly alarm: Alarm;
  readonly chooseLanguage: ChooseLanguage;
}

/** Takes what they need; returns the routes that read a verification: the view, its stream, the verified details. */
export function profileRoutes({
  store,
  readDetails,
  eventStreams,
  alarm,
  chooseLanguage,
}: Dependencies): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/verifications/:referenceNo',
      operationId: 'getVerification',
      summary: 'The profile view, with an ETag that changes with it and with the language of its texts.',
      access: 'customer',
      body: null,
      headers: { 'If-None-Match': 'The ETag of an earlier answer', ...LANGUAGE_HEADER },
      answers: {
        200: { description: 'The view', schema: profileView },
        304: { description: 'The view is still the one of the ETag' },
      },
      problems: ['not_found', 'storage_unavailable'],
      handle: async (call) => {
        const { view } = profileOf(call);
        const words = chooseLanguage(call.req, call.res);
        const etag = words.etag(view);
        call.res.set({ ETag: etag, 'Cache-Control': 'private, no-cache' });
        if (namesEtag(call.req.headers['if-none-match'], etag)) call.res.status(304).end();
        else call.res.json(words.render(view));
      },
    }),
    route({
      method: 'get',
      path: '/v1/verifications/:referenceNo/details',
      operationId: 'getDetails',
      summary: "The verified data for the company's customer record. Each read is on the audit record.",
      access: 'company',
      body: null,
      answers: { 200: { description: 'The verified data', schema: details } },
      problems: ['not_found', 'details_not_found', 'details_unreadable', 'storage_unavailable'],
      handle: async (call) => {
        const { referenceNo } = profileOf(call);
        const read = await readDetails(referenceNo, actorOf(call));
        if (read.kind === 'none') return 'details_not_found';
        if (read.kind === 'unreadable') {
          alarm('details_unreadable', { referenceNo, reason: read.code });
          return 'details_unreadable';
        }
        call.res.set('Cache-Control', 'no-store').json(read.details);
      },
    }),
    route({
      method: 'get',
      path: '/v1/verifications/:referenceNo/events',
      operationId: 'streamVerification',
      summary: "Server-sent events: the present view first, then each new one. The id is the view's version.",
      access: 'customer',
      body: null,
      headers: {
        'Last-Event-ID': 'Version that the client has; where it is the present one, only later ones are sent',
        ...LANGUAGE_HEADER,
      },
      answers: {
        200: {
          description: 'Events named "profile", whose data is the view',
          contentType: 'text/event-stream',
        },
      },
      problems: ['not_found', 'too_many_streams', 'storage_unavailable'],
      handle: async ({ res, req, caller, profile }) => {
        const { referenceNo } = profileOf({ profile });
        const { render } = chooseLanguage(req, res);
        // Express answers HEAD by the route of GET; there is nothing to stream to somebody who takes no body.
        if (req.method === 'HEAD') {
          res.writeHead(200, EVENT_STREAM_HEADERS).end();
          return;
        }
        const lastEventId = req.headers['last-event-id'];
        const isOpen = await eventStreams.open({
          res,
          referenceNo,
          readView: async () => {
            const row = await store.profiles.findOne({ _id: referenceNo }, { projection: { view: 1 } });
            return row?.view ?? null;
          },
          render,
          lastVersion:
            typeof lastEventId === 'string' && /^\d{1,9}$/.test(lastEventId) ? Number(lastEventId) : null,
          endsAtMs: caller?.kind === 'customer' ? caller.expiresAtMs : null,
        });
        if (!isOpen) return 'too_many_streams';
      },
    }),
  ];
}

/** Weak comparison (RFC 9110 §13.1.2): a proxy that compresses may have weakened the tag. */
function namesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
