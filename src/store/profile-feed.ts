import type { ProfileView } from '../domain/profile-view.js';
import type { Logger } from '../observability/logger.js';
import { within } from './deadlines.js';
import type { Store } from './store.js';

/**
 * Tells of every change of a profile's view as it happens, fed by one change stream per process however many listen.
 * While nobody listens there is no stream. When the stream breaks, and each time it is opened anew, the views of all
 * who are listened for are read instead, so that nothing is missed.
 */
export interface ProfileFeed {
  /** Takes a reference number and what to do with a new view; returns how to stop. A view may come twice. */
  listen(referenceNo: string, onView: (view: ProfileView) => void): () => void;
  close(): Promise<void>;
}

const AWAIT_MS = 1_000;
/** A change stream that does not even say "nothing new" for so long is broken. */
const ANSWER_MS = 3_000;
const REOPEN_AFTER_MS = 1_000;

/** Takes the profiles and a log; returns the feed. */
export function createProfileFeed(profiles: Store['profiles'], logger: Logger): ProfileFeed {
  const listeners = new Map<string, Set<(view: ProfileView) => void>>();
  let running: Promise<void> | null = null;
  let isClosed = false;

  const isWanted = () => !isClosed && listeners.size > 0;

  function tell(view: ProfileView): void {
    for (const onView of listeners.get(view.referenceNo) ?? []) onView(view);
  }

  async function tellAll(): Promise<void> {
    const rows = await profiles
      .find({ _id: { $in: [...listeners.keys()] } }, { projection: { view: 1 } })
      .toArray();
    for (const row of rows) tell(row.view);
  }

  async function watch(): Promise<void> {
    const stream = profiles.watch(
      [
        { $match: { operationType: { $in: ['insert', 'update', 'replace'] } } },
        { $project: { operationType: 1, documentKey: 1, 'fullDocument.view': 1 } },
      ],
      { fullDocument: 'updateLookup', maxAwaitTimeMS: AWAIT_MS },
    );
    try {
      // The first answer tells that the stream is open; what happened before it is read afterwards.
      let change = await within(ANSWER_MS, stream.tryNext());
      await tellAll();
      while (isWanted()) {
        const view = change !== null && 'fullDocument' in change ? change.fullDocument?.view : undefined;
        if (view !== undefined) tell(view);
        change = await within(ANSWER_MS, stream.tryNext());
      }
    } finally {
      await within(ANSWER_MS, stream.close()).catch(() => {});
    }
  }

  async function run(): Promise<void> {
    while (isWanted()) {
      try {
        await watch();
      } catch (error) {
        logger.warn('The change stream of profiles broke; reading instead', { error });
        await new Promise((resolve) => setTimeout(resolve, REOPEN_AFTER_MS));
        await tellAll().catch(() => {});
      }
    }
    running = null;
  }

  return {
    listen: (referenceNo, onView) => {
      const ofReference = listeners.get(referenceNo) ?? new Set();
      listeners.set(referenceNo, ofReference.add(onView));
      running ??= run();
      return () => {
        ofReference.delete(onView);
        if (ofReference.size === 0 && listeners.get(referenceNo) === ofReference)
          listeners.delete(referenceNo);
      };
    },
    close: async () => {
      isClosed = true;
      await running;
    },
  };
}
