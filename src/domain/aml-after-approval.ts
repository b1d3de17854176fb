import { failedChecksWithoutAml, requiredChecks } from './checks.js';
import type { Approval, CustomerFacts, JourneyFacts } from './customer.js';
import { AML_RULE, isAmlNotReady, type JourneySnapshot } from './journey.js';
import type { DecisionContext } from './policy.js';
import { isSomeoneElse, wasRejectedBefore } from './ruling-journey.js';

/**
 * AML after approval tells nobody but compliance (docs/status.md). Takes a journey, the facts and the context; returns true
 * when this journey's approval is on record and the only thing that has worsened since is AML: its rule, its version,
 * its matches, or a new search that is not ready. The system's decision may have followed (`Refer`, `Rejected`) or not.
 */
export function hasOnlyAmlWorsened(
  journey: JourneyFacts,
  facts: CustomerFacts,
  context: DecisionContext,
): boolean {
  const { approval } = facts;
  const { snapshot } = journey;
  if (approval === null || approval.journeyId !== journey.journeyId || snapshot === null) return false;
  const amlIsBad = isAmlNotReady(snapshot) || failsAmlRule(snapshot);
  switch (snapshot.systemDecision) {
    case 'Complete':
      return amlIsBad && othersAsApproved(approval, journey, snapshot, facts, context);
    case 'Refer':
    case 'Rejected':
      return (
        (amlIsBad || amlChangedSince(approval, journey, snapshot)) &&
        othersAsApproved(approval, journey, snapshot, facts, context)
      );
    default:
      return false;
  }
}

function failsAmlRule({ rules }: JourneySnapshot): boolean {
  return AML_RULE in rules && rules[AML_RULE] !== 'Passed';
}

function amlChangedSince(approval: Approval, { aml }: JourneyFacts, snapshot: JourneySnapshot): boolean {
  return (
    (snapshot.aml?.digest ?? null) !== approval.amlDigest ||
    Math.max(aml.version, aml.heardVersion) > approval.amlVersion
  );
}

/**
 * No other check is worse than when it was approved. What a human forgave is forgiven of the steps that they saw; beyond
 * that nothing may bar the system from approving.
 */
function othersAsApproved(
  approval: Approval,
  journey: JourneyFacts,
  snapshot: JourneySnapshot,
  facts: CustomerFacts,
  context: DecisionContext,
): boolean {
  const isForgiven = approval.by === 'manual' && approval.stepsDigest === snapshot.stepsDigest;
  const mayFail = isForgiven || approval.by === 'system' ? approval.failedChecks : [];
  const noneWorse = failedChecksWithoutAml(snapshot).every((check) => mayFail.includes(check));
  if (!noneWorse || isForgiven) return noneWorse;
  const { missing } = requiredChecks(snapshot, context);
  return (
    missing.every((check) => check === `rule:${AML_RULE}`) &&
    !isSomeoneElse(journey, facts) &&
    (!wasRejectedBefore(journey, facts) || context.policy.approveAfterManualRejection)
  );
}
