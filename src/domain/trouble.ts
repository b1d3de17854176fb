import type { Effect } from './effects.js';
import { type Instant, later } from './instant.js';

/** Credentials do not mend themselves within seconds; asking again sooner only fills IDWise's log. */
export const REFUSED_PAUSE_MS = 5 * 60_000;
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;

interface Outcome {
  readonly kind: string;
  readonly code?: string;
  readonly retryAfterMs?: number | null;
}

/**
 * Takes what an attempt at IDWise came to, and when; returns until when no other is made, whatever the ladder says: as long
 * as IDWise asks for, and for some minutes where it refuses us. null: the ladder alone says.
 */
export function pauseAfter({ kind, code = '', retryAfterMs }: Outcome, at: Instant): Instant | null {
  const isRefused = kind === 'refused' || (kind === 'trouble' && code.startsWith('refused:'));
  const pauseMs = isRefused ? REFUSED_PAUSE_MS : (retryAfterMs ?? 0);
  return pauseMs > 0 ? later(at, Math.min(pauseMs, LONGEST_RETRY_AFTER_MS)) : null;
}

/**
 * Takes a matter's trouble before and after an attempt (`kind:code`, null for none) and its journey; returns the alarm that a
 * new one raises. What does not pass by itself is told at once, and once.
 */
export function troubleEffects(before: string | null, after: string | null, journeyId: string): Effect[] {
  if (after === null || after === before) return [];
  if (after.startsWith('refused:')) return [{ kind: 'alarm', code: 'idwise_refused', journeyId }];
  return after.startsWith('unreadable:') ? [{ kind: 'alarm', code: 'idwise_unreadable', journeyId }] : [];
}
