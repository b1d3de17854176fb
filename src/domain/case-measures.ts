import type { CustomerMeasure } from './cases/outcomes.js';
import { type Change, only } from './change.js';
import { layComplianceHold, liftComplianceHold } from './compliance-hold.js';
import { type CustomerFacts, withJourney } from './customer.js';
import type { Instant } from './instant.js';
import { close } from './relationship.js';

/**
 * Takes the facts, what a case wants done and the time; returns the customer with it done. What is done already is done
 * once. Whitelisting is a matter of IDWise's: it goes on the agenda.
 */
export function carryOutMeasure(
  facts: CustomerFacts,
  { caseId, journeyId, measure }: { caseId: string; journeyId: string; measure: CustomerMeasure },
  at: Instant,
): Change {
  switch (measure.kind) {
    case 'lay_hold':
      return layComplianceHold(facts, { caseId, freezes: measure.hold === 'frozen' }, at);
    case 'lift_hold': {
      const { to, proposedBy, approvedBy } = measure;
      return liftComplianceHold(facts, { caseId, keepsHold: to === 'held', proposedBy, approvedBy });
    }
    case 'close': {
      const { proposedBy, approvedBy } = measure;
      return close(
        facts,
        { actor: approvedBy, reason: `outcome of ${caseId}, proposed by ${proposedBy}` },
        at,
      );
    }
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
