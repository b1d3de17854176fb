import { type AmlFacts, type CustomerFacts, knownJourney } from './customer.js';
import type { TurnInput } from './customer-turn.js';
import type { Effect } from './effects.js';
import type { JourneySnapshot } from './journey.js';
import type { Report } from './reports.js';

/**
 * Customers of an installed base, who were verified long before we heard of them. What IDWise says of their journeys is
 * what the company knows already, so nobody is told of it: an import of thousands would be thousands of messages about
 * nothing new. As soon as anything else is heard of such a customer (an event, their app, a difference that a comparison
 * found) they are like everybody else.
 */

/**
 * Takes the facts before a report and after it, and the report; returns the facts with what the report means for the
 * mark: an import lays it on whoever has no journey yet and adds its journey, any other news takes it off.
 */
export function markImported(before: CustomerFacts, facts: CustomerFacts, report: Report): CustomerFacts {
  if (isOfImport(report)) {
    const isFirst = before.imported == null && Object.keys(before.journeys).length === 0;
    if (!isFirst && before.imported == null) return facts;
    const { journeyId } = report;
    const awaited = before.imported?.awaited ?? [];
    const isShown = (knownJourney(facts, journeyId)?.snapshot ?? null) !== null;
    return isShown || awaited.includes(journeyId)
      ? facts
      : { ...facts, imported: { awaited: [...awaited, journeyId] } };
  }
  const isRegistration = report.source === 'app' && report.report.kind === 'registered';
  return facts.imported == null || isRegistration ? facts : { ...facts, imported: null };
}

function isOfImport(report: Report): report is Report & { readonly journeyId: string } {
  return report.source === 'operator' && report.isImport === true && report.journeyId !== null;
}

/** Takes the facts before a look and its journey; returns true when an import named the journey, and this look is its first. */
export function isBroughtAlong(facts: CustomerFacts, journeyId: string): boolean {
  return facts.imported?.awaited.includes(journeyId) ?? false;
}

/**
 * Takes the facts before a turn and what the turn brings; returns true when whatever it changes is no news to anybody:
 * it is the first look at a journey that an import named.
 */
export function isKnownToTheCompany(facts: CustomerFacts, input: TurnInput): boolean {
  return input.kind === 'look' && isBroughtAlong(facts, input.journeyId);
}

/**
 * Matches that the first look at an imported journey shows were weighed by the company before we came: they go on record,
 * and what comes after them is compared with them, but they open no case and hold nobody. While AML is still being
 * searched there is no result to know of, and the one that comes is told as everybody's.
 *
 * Takes the journey's AML facts after such a look and what it fetched; returns what is to go on record.
 */
export function matchesKnownBefore(aml: AmlFacts, snapshot: JourneySnapshot): Effect[] {
  const openMatches = snapshot.aml?.openMatches ?? 0;
  if (aml.digest === null || openMatches === 0) return [];
  const { journeyId } = snapshot;
  return [{ kind: 'matches_known', journeyId, version: aml.version, openMatches, untold: 'imported' }];
}

/** Takes the facts after a turn; returns them without awaiting what has been shown, or is not there any more. */
export function importedSoFar(facts: CustomerFacts): CustomerFacts {
  if (facts.imported == null) return facts;
  const awaited = facts.imported.awaited.filter((journeyId) => {
    const journey = knownJourney(facts, journeyId);
    return journey !== undefined && journey.snapshot === null;
  });
  return awaited.length === facts.imported.awaited.length ? facts : { ...facts, imported: { awaited } };
}
