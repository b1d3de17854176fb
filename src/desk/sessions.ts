import { createHash, randomBytes } from 'node:crypto';
import type { Store } from '../store/store.js';
import type { BegunSignIn, Person } from './identity-provider.js';

/** A person at the desk, for as long as they are signed in. */
export interface Session {
  readonly person: Person;
  /** What every change must name beside the cookie, so that no other site can make one in the person's name. */
  readonly csrfToken: string;
  readonly idToken: string;
}

/** What is remembered of a sign-in until the person comes back from the identity provider. */
export interface PendingSignIn extends Omit<BegunSignIn, 'url'> {
  /** The page that they wanted, a path of ours. */
  readonly returnTo: string;
}

/** Sessions and begun sign-ins, by the secret of a cookie. All of them expire by themselves. */
export interface Sessions {
  /** Keeps a begun sign-in for ten minutes; returns the cookie's secret. */
  remember(signIn: PendingSignIn, now: Date): Promise<string>;
  /** Takes a cookie's secret; returns the sign-in once, and null for ever after. */
  recall(secret: string, now: Date): Promise<PendingSignIn | null>;
  /** Begins a session; returns the cookie's secret, which is a new one each time. */
  begin(person: Person, idToken: string, now: Date): Promise<string>;
  /** Takes a cookie's secret; returns the session unless it has ended, and puts off the end that idleness brings. */
  find(secret: string, now: Date): Promise<Session | null>;
  /** Takes a cookie's secret; ends the session and returns it. */
  end(secret: string): Promise<Session | null>;
}

const MINUTE_MS = 60_000;
const SIGN_IN_MS = 10 * MINUTE_MS;
/** An officer who goes to lunch comes back to a locked desk; one who works is not interrupted before the day is over. */
const IDLE_MS = 30 * MINUTE_MS;
const LONGEST_MS = 10 * 60 * MINUTE_MS;
/** The end is put off in steps, so that reading a page writes nothing most of the time. */
const STEP_MS = MINUTE_MS;

/** Takes the collection; returns the sessions. Only digests of secrets are stored, so that the database opens no session. */
export function createSessions(sessions: Store['sessions']): Sessions {
  return {
    async remember(signIn, now) {
      const { secret, id } = newSecret();
      const expiresAt = new Date(now.getTime() + SIGN_IN_MS);
      await sessions.insertOne({ _id: id, kind: 'sign_in', signIn, expiresAt });
      return secret;
    },
    async recall(secret, now) {
      const row = await sessions.findOneAndDelete({ _id: idOf(secret), kind: 'sign_in' });
      return row?.kind === 'sign_in' && row.expiresAt > now ? row.signIn : null;
    },
    async begin(person, idToken, now) {
      const { secret, id } = newSecret();
      const session: Session = { person, idToken, csrfToken: randomBytes(24).toString('base64url') };
      const endsAt = new Date(now.getTime() + LONGEST_MS);
      const expiresAt = new Date(now.getTime() + IDLE_MS);
      await sessions.insertOne({ _id: id, kind: 'session', session, endsAt, expiresAt });
      return secret;
    },
    async find(secret, now) {
      const row = await sessions.findOne({ _id: idOf(secret), kind: 'session' });
      if (row?.kind !== 'session' || row.expiresAt <= now) return null;
      const idleEndMs = Math.min(now.getTime() + IDLE_MS, row.endsAt.getTime());
      if (idleEndMs - row.expiresAt.getTime() >= STEP_MS) {
        await sessions.updateOne({ _id: row._id }, { $max: { expiresAt: new Date(idleEndMs) } });
      }
      return row.session;
    },
    async end(secret) {
      const row = await sessions.findOneAndDelete({ _id: idOf(secret), kind: 'session' });
      return row?.kind === 'session' ? row.session : null;
    },
  };
}

function newSecret(): { secret: string; id: string } {
  const secret = randomBytes(32).toString('base64url');
  return { secret, id: idOf(secret) };
}

function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
