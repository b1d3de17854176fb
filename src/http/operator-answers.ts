import type { JourneyFacts } from '../domain/customer.js';
import type { AuditRow, ReconciliationRow } from '../store/records.js';
import type { EventTrail } from '../usecases/event-trail.js';
import type { EventRow } from '../usecases/find-events.js';
import type { CustomerStanding } from '../usecases/read-customer-standing.js';
import type { Replayed } from '../usecases/replay-events.js';

/** From what is stored to what an operator is shown. */

/** Takes an inbox row; returns the line of a list. */
export function eventSummary(row: EventRow) {
  const { _id, source, kind, state, parkReason, referenceNo, journeyId, receivedAt, replay } = row;
  return {
    id: _id,
    source,
    kind,
    state,
    parkReason,
    referenceNo,
    journeyId,
    receivedAt: receivedAt.toISOString(),
    replay:
      replay === undefined ? null : { ...replay, firstReceivedAt: replay.firstReceivedAt.toISOString() },
  };
}

/** Takes an event's trail; returns all of it. */
export function eventTrail({ row, body, owner, workflowId, effects, replays, waitsFor }: EventTrail) {
  return {
    ...eventSummary(row),
    body,
    owner,
    workflowId,
    delivery: {
      failedAttempts: row.attempts,
      signalledAt: row.signalledAt?.toISOString() ?? null,
      processedAt: row.processedAt?.toISOString() ?? null,
      outcome: row.outcome,
    },
    effects: effects.map(auditEntry),
    replays: replays.map(eventSummary),
    waitsFor,
  };
}

/** Takes what became of one event that was to be replayed; returns it with every member there. */
export function replayed(of: Replayed) {
  return {
    id: of.id,
    outcome: of.outcome,
    replayId: 'replayId' in of ? of.replayId : null,
    kind: 'kind' in of ? of.kind : null,
    parkReason: 'parkReason' in of ? of.parkReason : null,
  };
}

/** Takes how a customer stands; returns the engineer's view of it. */
export function customerStanding(standing: CustomerStanding) {
  const { profile, approval } = standing;
  const { status, access, version, updatedAt } = profile.view;
  return {
    referenceNo: profile._id,
    status,
    access,
    ground: profile.ground,
    attention: profile.attention,
    version,
    updatedAt,
    createdAt: profile.createdAt.toISOString(),
    nextCheckAt: profile.nextCheckAt?.toISOString() ?? null,
    closedAt: standing.closedAt,
    holds: standing.holds,
    approval: approval && { journeyId: approval.journeyId, at: approval.at, by: approval.by },
    workflowId: standing.workflowId,
    agenda: standing.agenda.map(({ what, journeyId, nextAttemptAt, giveUpAt }) => ({
      what,
      journeyId,
      nextAttemptAt,
      giveUpAt,
    })),
    journeys: standing.journeys.map(journey),
    events: standing.events.map(eventSummary),
    history: standing.history.map(auditEntry),
  };
}

function journey(facts: JourneyFacts) {
  const { snapshot, owedLook, aml, customStep, completion } = facts;
  return {
    journeyId: facts.journeyId,
    firstSeenAt: facts.firstSeenAt,
    systemDecision: snapshot?.systemDecision ?? null,
    manualDecision: snapshot?.manualDecision ?? null,
    fetchedAt: facts.snapshotAt,
    owedLook: owedLook && {
      since: owedLook.since,
      attempts: owedLook.attempts,
      trouble: owedLook.trouble,
      because: owedLook.causes,
    },
    amlVersions: { heard: aml.heardVersion, stored: aml.storedVersion },
    customStep: customStep && { face: customStep.face, trouble: customStep.trouble },
    completion: completion && { state: completion.state, actor: completion.actor },
  };
}

function auditEntry({ sequence, at, cause, actor, effect, journeyId, from, to }: AuditRow) {
  // Whose customer it is stands in the company's own books.
  const told = effect === 'customer_registered' ? null : to;
  return { sequence, at: at.toISOString(), cause, actor, effect, journeyId, from, to: told };
}

/** Takes a run of the reconciliation; returns what it compared, and what it has counted so far. */
export function reconciliation({ _id, startedAt, endedAt, ...run }: ReconciliationRow) {
  return {
    runId: _id,
    ...run,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}
