import { inventMatch } from './aml-match.js';
import { assess } from './assessment.js';
import type { Delivery } from './delivery.js';
import type { AmlMatch, AmlVersion, Journey } from './journey.js';
import type { Outcome } from './lifecycle.js';
import { type Overrides, overlay } from './overlay.js';
import type { Simulation } from './simulation.js';

/** What ongoing monitoring has found; members of a match that are not named are invented or kept. */
export interface AmlChangeRequest {
  added?: Overrides<AmlMatch>[] | undefined;
  /** Resource ids. */
  removed?: string[] | undefined;
  changed?: ({ resourceId: string } & Overrides<AmlMatch>)[] | undefined;
  /** The decision after the update; by default it follows from the matches. */
  systemDecision?: string | undefined;
}

/**
 * Makes one new AML version: history is stored, the system decision is judged again, and the company is told
 * under both names that it may be subscribed to (contract §5). Changes of nothing but whitelisted matches
 * tell nobody (§3.9). Versions are counted per journey here.
 *
 * @returns refused when the journey has no AML result, or a resource id is unknown
 */
export function changeAml(
  simulation: Simulation,
  journey: Journey,
  request: AmlChangeRequest,
): Outcome<{ version: number; matches: AmlMatch[]; deliveries: Delivery[] }> {
  const aml = journey.aml;
  if (journey.phase !== 'finished' || aml?.applicability !== 'Applicable') {
    return { ok: false, reason: 'the journey is not under ongoing monitoring' };
  }
  const named = [...(request.removed ?? []), ...(request.changed ?? []).map((change) => change.resourceId)];
  const unknown = named.find((id) => aml.matches.every((match) => match.resourceId !== id));
  if (unknown) return { ok: false, reason: `there is no match ${unknown}` };

  const changes: AmlVersion['changes'] = [];
  for (const members of request.added ?? []) {
    const match = inventMatch(journey.person, members);
    aml.matches.push(match);
    changes.push({ type: 'Added', match: { ...match } });
  }
  for (const resourceId of request.removed ?? []) {
    const match = aml.matches.find((candidate) => candidate.resourceId === resourceId);
    if (match) changes.push({ type: 'Removed', match });
    aml.matches = aml.matches.filter((candidate) => candidate !== match);
  }
  for (const change of request.changed ?? []) {
    const match = aml.matches.find((candidate) => candidate.resourceId === change.resourceId);
    if (match) changes.push({ type: 'Updated', match: { ...Object.assign(match, overlay(match, change)) } });
  }
  const atMicros = simulation.clock.now();
  aml.version += 1;
  aml.lastMonitoringMicros = atMicros;
  aml.history.push({ version: aml.version, atMicros, changes });

  const previousSystemDecision = journey.systemDecision;
  journey.amlDecisionOverride = request.systemDecision ?? null;
  journey.systemDecision = assess(journey).systemDecision;
  simulation.changed();

  const deliveries: Delivery[] = [];
  if (changes.length === 0 || changes.some((change) => !change.match.isWhitelisted)) {
    deliveries.push(
      ...simulation.notify(journey, {
        event: 'AML Monitor Update',
        previousSystemDecision,
        updatedAMLVersionNumber: aml.version,
      }),
      ...simulation.notify(journey, { event: 'Updated Journey', action: 'AML OGM Update' }),
    );
  }
  return { ok: true, value: { version: aml.version, matches: aml.matches, deliveries } };
}

/** Marks matches as false positives, or as matches again (contract §3.9). */
export function whitelist(
  simulation: Simulation,
  journey: Journey,
  request: { resourceIds: string[]; isWhitelisted: boolean; matchStatus?: string | undefined },
): Outcome {
  const matches = journey.aml?.matches ?? [];
  const unknown = request.resourceIds.find((id) => matches.every((match) => match.resourceId !== id));
  if (unknown) return { ok: false, reason: `there is no match ${unknown}` };
  for (const match of matches) {
    if (!request.resourceIds.includes(match.resourceId)) continue;
    match.isWhitelisted = request.isWhitelisted;
    match.matchStatus = request.matchStatus ?? match.matchStatus;
  }
  journey.amlDecisionOverride = null;
  if (journey.phase === 'finished') journey.systemDecision = assess(journey).systemDecision;
  simulation.changed();
  return { ok: true, value: undefined };
}

/** Searches anew under other details: the invented person is on no list under another name (contract §3.9). */
export function amendSearch(simulation: Simulation, journey: Journey, fullName: string): Outcome {
  const aml = journey.aml;
  if (!aml || journey.phase !== 'finished') return { ok: false, reason: 'there is no AML result to amend' };
  aml.matches = aml.matches.filter((match) => match.name.toLowerCase() === fullName.trim().toLowerCase());
  aml.searchMicros = simulation.clock.now();
  journey.amlDecisionOverride = null;
  journey.systemDecision = assess(journey).systemDecision;
  simulation.notify(journey, { event: 'Updated Journey', action: 'AML Amend' });
  simulation.changed();
  return { ok: true, value: undefined };
}
