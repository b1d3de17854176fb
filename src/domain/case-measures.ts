import type { CustomerMeasure, TwoPeople } from './cases/outcomes.js';
import { type Change, only } from './change.js';
import { isOvertaken, layComplianceHold, liftComplianceHold } from './compliance-hold.js';
import { type CustomerFacts, withJourney } from './customer.js';
import type { Effect } from './effects.js';
import type { Instant } from './instant.js';
import { close } from './relationship.js';

/** What a case wants done. */
export interface WantedMeasure {
  readonly caseId: string;
  /** Of the case as the turn that wants it left it: measures may arrive in another order. */
  readonly revision: number;
  readonly journeyId: string;
  readonly measure: CustomerMeasure;
}

/**
 * Takes the facts, what a case wants done and the time; returns the customer with it done. What is done already is done
 * once, and what comes after a newer word of its case is done with. Whitelisting is a matter of IDWise's: it goes on the
 * agenda, and no newer outcome takes it back.
 */
export function carryOutMeasure(
  facts: CustomerFacts,
  { caseId, revision, journeyId, measure }: WantedMeasure,
  at: Instant,
): Change {
  switch (measure.kind) {
    case 'lay_hold':
      return layComplianceHold(facts, { caseId, revision, freezes: measure.hold === 'frozen' }, at);
    case 'lift_hold': {
      const { to, proposedBy, approvedBy } = measure;
      const lift = { caseId, revision, keepsHold: to === 'held', proposedBy, approvedBy };
      return liftComplianceHold(facts, lift, at);
    }
    case 'close':
      return offBoard(facts, { caseId, revision, ...measure }, at);
    case 'whitelist':
      return only(
        withJourney(facts, journeyId, at, (journey) => ({
          ...journey,
          whitelisting: {
            caseId,
            matches: [...new Set([...(journey.whitelisting?.matches ?? []), ...measure.matches])],
            since: at,
            lastAttemptAt: null,
            trouble: null,
          },
        })),
        [],
      );
  }
}

/**
 * An outcome that off-boards leaves the customer held, and comes after any freezing of its own case: that is so whichever
 * of the measures arrives first. Where another case has frozen them in between, somebody must know that it did not happen.
 */
function offBoard(
  facts: CustomerFacts,
  of: TwoPeople & { readonly caseId: string; readonly revision: number },
  at: Instant,
): Change {
  if (isOvertaken(facts, of)) return only(facts, []);
  const { caseId, proposedBy, approvedBy } = of;
  const held = liftComplianceHold(facts, { ...of, keepsHold: true }, at);
  const asked = { actor: approvedBy, reason: `outcome of ${caseId}, proposed by ${proposedBy}` };
  const closed = close(held.facts, asked, at);
  const isRefused = closed.effects.some(({ kind }) => kind === 'close_refused');
  const alarms: Effect[] = isRefused
    ? [{ kind: 'alarm', code: 'off_boarding_refused', journeyId: null }]
    : [];
  return { ...closed, effects: [...held.effects, ...closed.effects, ...alarms] };
}
