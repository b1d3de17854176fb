import { createHash, randomBytes } from 'node:crypto';
import type { SessionRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import type { Person } from './identity-provider.js';
import { createSeal } from './sealed-claims.js';

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
  end(secret: string, now: Date): Promise<Session | null>;
}

const MINUTE_MS = 60_000;
/** An officer who goes to lunch comes back to a locked desk; one who works is not interrupted before the day is over. */
const IDLE_MS = 30 * MINUTE_MS;
const LONGEST_MS = 10 * 60 * MINUTE_MS;
/** 32 bytes in base64url. */
const SECRET = /^[\w-]{43}$/;
/** The end is put off in steps, so that reading a page writes nothing most of the time. */
const STEP_MS = MINUTE_MS;

/**
 * Takes the collection and `PII_KEY`; returns the sessions. Of their secrets only digests are stored, and who a session
 * makes of its owner is sealed under its own: whoever reads or writes the database becomes nobody by it.
 */
export function createSessions(sessions: Store['sessions'], piiKey: Uint8Array): Sessions {
  const seal = createSeal<Claims>(piiKey, 'desk-session');

  async function open(row: SessionRow | null, now: Date): Promise<Session | null> {
    if (row === null) return null;
    const claims = await seal.open(row.sealed, now);
    if (claims === null || claims.sessionId !== row._id) return null;
    const { person, csrfToken, idToken } = claims;
    return { person, csrfToken, idToken };
  }

  return {
    async begin(person, idToken, now) {
      const secret = randomBytes(32).toString('base64url');
      const _id = sessionIdOf(secret);
      const endsAt = new Date(now.getTime() + LONGEST_MS);
      const expiresAt = new Date(now.getTime() + IDLE_MS);
      const csrfToken = randomBytes(24).toString('base64url');
      const sealed = await seal.seal({ sessionId: _id, person, csrfToken, idToken }, endsAt);
      await sessions.insertOne({
        _id,
        kind: 'session',
        subject: person.subject,
        sealed,
        endsAt,
        expiresAt,
      });
      return secret;
    },
    async find(secret, now) {
      // Anybody can send any cookie; what is no secret of ours is not looked for.
      if (!SECRET.test(secret)) return null;
      const row = await sessions.findOne({ _id: sessionIdOf(secret), kind: 'session' });
      if (row === null || row.expiresAt <= now) return null;
      const session = await open(row, now);
      if (session === null) return null;
      const idleEndMs = Math.min(now.getTime() + IDLE_MS, row.endsAt.getTime());
      if (idleEndMs - row.expiresAt.getTime() >= STEP_MS) {
        await sessions.updateOne({ _id: row._id }, { $max: { expiresAt: new Date(idleEndMs) } });
      }
      return session;
    },
    async end(secret, now) {
      return await open(await sessions.findOneAndDelete({ _id: sessionIdOf(secret), kind: 'session' }), now);
    },
  };
}

/** Bound to the row that it stands in: that of another session opens nothing here. */
type Claims = Session & { readonly sessionId: string; readonly [claim: string]: unknown };

/** Takes a cookie's secret; returns the id of its row. */
export function sessionIdOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
