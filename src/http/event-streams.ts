import type { Response } from 'express';
import type { ProfileView } from '../domain/profile-view.js';
import type { Metrics } from '../observability/metrics.js';
import type { ProfileFeed } from '../store/profile-feed.js';

/** The open server-sent event streams of this process. */
export interface EventStreams {
  /**
   * Takes an open response, the reference number, how to read the present view and put it into words, the version that
   * the client has already (`Last-Event-ID`; null: none) and when the caller's credential ends. Answers with the stream and returns
   * true, or false where too many are open.
   */
  open(stream: StreamRequest): Promise<boolean>;
  /** Ends every stream; clients come again, to another process. */
  close(): void;
}

export interface StreamRequest {
  readonly res: Response;
  readonly referenceNo: string;
  readonly readView: () => Promise<ProfileView | null>;
  /** Puts a view into the language that the client asked for. */
  readonly render: (view: ProfileView) => ProfileView;
  readonly lastVersion: number | null;
  readonly endsAtMs: number | null;
}

/** The headers of every stream. */
export const EVENT_STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // Proxies that would hold events back.
  'X-Accel-Buffering': 'no',
} as const;

const MOST_STREAMS = 2_000;
const MOST_STREAMS_PER_REFERENCE = 20;
const HEARTBEAT_MS = 15_000;
/** A client that takes nothing for so long is gone. */
const SLOWEST_CLIENT_MS = 30_000;
const CLIENT_RETRIES_AFTER_MS = 2_000;
/** Longest delay that a Node timer takes. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Takes the feed of views and the metrics; returns the streams. */
export function createEventStreams(
  feed: Pick<ProfileFeed, 'listen'>,
  metrics: Pick<Metrics, 'streams'>,
): EventStreams {
  const open = new Map<Response, string>();
  let isClosed = false;

  return {
    open: async ({ res, referenceNo, readView, render, lastVersion, endsAtMs }) => {
      // Whoever has hung up already is told of no end any more, and would keep a place for ever.
      if (res.destroyed) return true;
      const ofReference = [...open.values()].filter((reference) => reference === referenceNo).length;
      if (isClosed || open.size >= MOST_STREAMS || ofReference >= MOST_STREAMS_PER_REFERENCE) return false;
      open.set(res, referenceNo);
      metrics.streams(open.size);

      let sentVersion = lastVersion ?? 0;
      let latest: ProfileView | null = null;
      let blockedAtMs: number | null = null;

      /** A slow client gets the latest view once it can take it; what it missed in between is of no use to anybody. */
      const flush = () => {
        if (latest === null || latest.version <= sentVersion || blockedAtMs !== null || !res.headersSent)
          return;
        sentVersion = latest.version;
        write(`id: ${latest.version}\nevent: profile\ndata: ${JSON.stringify(render(latest))}\n\n`);
      };
      const write = (text: string) => {
        if (!res.write(text)) blockedAtMs ??= performance.now();
      };
      const onView = (view: ProfileView) => {
        if (latest === null || view.version > latest.version) latest = view;
        flush();
      };

      const stopListening = feed.listen(referenceNo, onView);
      const heartbeat = setInterval(() => {
        if (blockedAtMs === null) write(': still here\n\n');
        else if (performance.now() - blockedAtMs > SLOWEST_CLIENT_MS) res.destroy();
      }, HEARTBEAT_MS);
      const end =
        endsAtMs === null
          ? undefined
          : setTimeout(() => res.end(), Math.min(Math.max(0, endsAtMs - Date.now()), LONGEST_TIMER_MS));
      res.on('drain', () => {
        blockedAtMs = null;
        flush();
      });
      res.on('close', () => {
        stopListening();
        clearInterval(heartbeat);
        clearTimeout(end);
        open.delete(res);
        metrics.streams(open.size);
      });

      // Read after listening has begun, so that no change falls in between.
      const view = await readView();
      if (res.destroyed) return true;
      // A version from elsewhere, or from a database that was set back, must not silence the stream.
      if (view !== null && sentVersion > view.version) sentVersion = 0;
      res.writeHead(200, EVENT_STREAM_HEADERS);
      write(`retry: ${CLIENT_RETRIES_AFTER_MS}\n\n`);
      if (view !== null) onView(view);
      return true;
    },
    close: () => {
      isClosed = true;
      for (const res of open.keys()) res.end();
    },
  };
}
