import { createHash, randomBytes } from 'node:crypto';
import type { Store } from '../store/store.js';
import type { Person } from './identity-provider.js';

/** A person at the desk, for as long as they are signed in. */
export interface Session {
  readonly person: Person;
  /** What every change must name beside the cookie, so that no other site can make one in the person's name. */
  readonly csrfToken: string;
  readonly idToken: string;
}

/** Sessions, by the secret of a cookie. All of them expire by themselves. */
export interface Sessions {
  /** Begins a session; returns the cookie's secret, which is a new one each time. */
  begin(person: Person, idToken: string, now: Date): Promise<string>;
  /** Takes a cookie's secret; returns the session unless it has ended, and puts off the end that idleness brings. */
  find(secret: string, now: Date): Promise<Session | null>;
  /** Takes a cookie's secret; ends the session and returns it. */
  end(secret: string): Promise<Session | null>;
}

const MINUTE_MS = 60_000;
/** An officer who goes to lunch comes back to a locked desk; one who works is not interrupted before the day is over. */
const IDLE_MS = 30 * MINUTE_MS;
const LONGEST_MS = 10 * 60 * MINUTE_MS;
/** 32 bytes in base64url. */
const SECRET = /^[\w-]{43}$/;
/** The end is put off in steps, so that reading a page writes nothing most of the time. */
const STEP_MS = MINUTE_MS;

/** Takes the collection; returns the sessions. Only digests of secrets are stored, so that the database opens no session. */
export function createSessions(sessions: Store['sessions']): Sessions {
  return {
    async begin(person, idToken, now) {
      const secret = randomBytes(32).toString('base64url');
      const session: Session = { person, idToken, csrfToken: randomBytes(24).toString('base64url') };
      const endsAt = new Date(now.getTime() + LONGEST_MS);
      const expiresAt = new Date(now.getTime() + IDLE_MS);
      await sessions.insertOne({ _id: idOf(secret), kind: 'session', session, endsAt, expiresAt });
      return secret;
    },
    async find(secret, now) {
      // Anybody can send any cookie; what is no secret of ours is not looked for.
      if (!SECRET.test(secret)) return null;
      const row = await sessions.findOne({ _id: idOf(secret), kind: 'session' });
      if (row === null || row.expiresAt <= now) return null;
      const idleEndMs = Math.min(now.getTime() + IDLE_MS, row.endsAt.getTime());
      if (idleEndMs - row.expiresAt.getTime() >= STEP_MS) {
        await sessions.updateOne({ _id: row._id }, { $max: { expiresAt: new Date(idleEndMs) } });
      }
      return row.session;
    },
    async end(secret) {
      const row = await sessions.findOneAndDelete({ _id: idOf(secret), kind: 'session' });
      return row?.session ?? null;
    },
  };
}

function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
