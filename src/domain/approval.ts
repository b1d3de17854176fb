import { failedChecksWithoutAml } from './checks.js';
import { type CustomerFacts, knownJourney } from './customer.js';
import type { Effect } from './effects.js';
import type { Instant } from './instant.js';
import type { Judgement } from './status.js';

/**
 * The approval is recorded with what already failed when it was given, so that later "only AML worsened" can be told
 * from anything else. Another outcome of the ruling journey ends it; a hold or a closed account only covers it.
 *
 * Takes the facts, their judgement and the time; returns the facts with the approval as it now stands.
 */
export function recordApproval(
  facts: CustomerFacts,
  judgement: Judgement,
  at: Instant,
): { facts: CustomerFacts; effects: Effect[] } {
  const { approval } = facts;
  if (judgement.finding === 'approved') {
    const journey = judgement.journeyId === null ? undefined : knownJourney(facts, judgement.journeyId);
    if (journey?.snapshot == null) return { facts, effects: [] };
    const by = judgement.findingGround === 'manual_decision' ? ('manual' as const) : ('system' as const);
    const { journeyId, snapshot, aml } = journey;
    // Newer steps whose result is not there yet are none of those that it is given for.
    const { stepsDigest } = journey.approvedResult ?? snapshot;
    const isGiven =
      judgement.findingGround === 'manual_decision' || judgement.findingGround === 'checks_passed';
    const isAnother =
      approval?.journeyId !== journeyId || approval.by !== by || approval.stepsDigest !== stepsDigest;
    if (approval !== null && !(isGiven && isAnother)) return { facts, effects: [] };
    return {
      facts: {
        ...facts,
        approval: {
          journeyId,
          at,
          by,
          failedChecks: failedChecksWithoutAml(snapshot),
          stepsDigest,
          amlDigest: snapshot.aml?.digest ?? null,
          amlVersion: Math.max(aml.version, aml.heardVersion),
        },
      },
      effects: [{ kind: 'approval_recorded', journeyId }],
    };
  }
  return approval === null
    ? { facts, effects: [] }
    : {
        facts: { ...facts, approval: null },
        effects: [{ kind: 'approval_ended', journeyId: approval.journeyId }],
      };
}
