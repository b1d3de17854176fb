import { type Instant, toMs } from '../instant.js';
import type { Ground } from '../status.js';
import { type ComplianceCase, latestVersion } from './case.js';
import { type AskedOfCase, act, type CaseRefusal } from './case-actions.js';
import {
  type CaseAgendaItem,
  type CaseContext,
  caseAgenda,
  type Escalation,
  nextEscalation,
} from './case-clock.js';
import type { CaseEffect } from './case-effects.js';
import { addVersion, type CaseChange, type Finding, unchanged } from './case-versions.js';

/** What a turn of the case's workflow brings to it. */
export type CaseInput =
  | ({ readonly kind: 'found' } & Finding)
  /** The customer is no longer under review. */
  | { readonly kind: 'review_decided'; readonly ground: Ground }
  | ({ readonly kind: 'request' } & AskedOfCase)
  /** Only the clock moved on. */
  | { readonly kind: 'clock' };

export interface CaseTurn {
  readonly case: ComplianceCase;
  readonly effects: readonly CaseEffect[];
  readonly agenda: readonly CaseAgendaItem[];
  /** Why a request was not carried out; null where it was, or there was none. */
  readonly refusal: CaseRefusal | null;
}

/**
 * One turn of a case: what is new goes in, or the clock does what is due. Pure, so that its story can be told in
 * thousands of orders without a server.
 *
 * Only the clock's own turn does what is due, because only the clock's use case writes digests and raises alarms. What is
 * due when a person or a finding comes first stays due: the clock hears of every change, and does it at once.
 *
 * Takes the case, what is new, the context and the time; returns the turn. A refused request leaves the case as it was.
 */
export function takeCaseTurn(
  before: ComplianceCase,
  input: CaseInput,
  context: CaseContext,
  at: Instant,
): CaseTurn {
  const { change, refusal } = apply(before, input, context, at);
  return { ...change, agenda: caseAgenda(change.case, context, at), refusal };
}

function apply(
  before: ComplianceCase,
  input: CaseInput,
  context: CaseContext,
  at: Instant,
): { change: CaseChange; refusal: CaseRefusal | null } {
  switch (input.kind) {
    case 'found':
      return { change: addVersion(before, input, context, at), refusal: null };
    case 'review_decided':
      return { change: decided(before, input.ground, at), refusal: null };
    case 'request': {
      const acted = act(before, input, context, at);
      return acted.kind === 'refused'
        ? { change: unchanged(before), refusal: acted.refusal }
        : { change: acted, refusal: null };
    }
    case 'clock':
      return { change: whatIsDue(before, context, at), refusal: null };
  }
}

/** A review ends by itself when it is decided, wherever that was; a case about AML never does. */
function decided(of: ComplianceCase, ground: Ground, at: Instant): CaseChange {
  if (of.kind !== 'review' || of.state === 'closed') return unchanged(of);
  const caseVersion = latestVersion(of).number;
  return {
    case: {
      ...of,
      state: 'closed',
      awaitingSince: null,
      conclusions: [...of.conclusions, { kind: 'decided', ground, caseVersion, at }],
      concludedVersion: caseVersion,
      concludedAt: at,
      told: { ...of.told, digestAt: null },
    },
    effects: [{ kind: 'closed', outcome: null, ground }],
  };
}

/** Does what is due, one thing after the other: each is done once, and puts the next one off. */
function whatIsDue(before: ComplianceCase, context: CaseContext, at: Instant): CaseChange {
  let now = unchanged(before);
  for (let next = dueItem(now.case, context, at); next !== null; next = dueItem(now.case, context, at)) {
    const { case: after, effects } = pass(now.case, next, context, at);
    now = { case: after, effects: [...now.effects, ...effects] };
  }
  return now;
}

function dueItem(of: ComplianceCase, context: CaseContext, at: Instant): CaseAgendaItem | null {
  const next = caseAgenda(of, context, at)[0];
  return next !== undefined && toMs(next.at) <= toMs(at) ? next : null;
}

function pass(of: ComplianceCase, item: CaseAgendaItem, context: CaseContext, at: Instant): CaseChange {
  const { told, due } = of;
  switch (item.what) {
    case 'escalate':
    case 'unanswered':
      return escalated(of, nextEscalation(of, context));
    case 'remind':
      return {
        case: { ...of, told: { ...told, remindedAt: at } },
        effects: [{ kind: 'reminded', plannedAt: item.at, dueAt: due.at }],
      };
    case 'overdue': {
      const number = told.overdueCount + 1;
      const known = Math.min(told.recipients + 1, Math.max(context.recipients, 1));
      return {
        case: { ...of, told: { ...told, overdueAt: at, overdueCount: number, recipients: known } },
        effects: [{ kind: 'overdue', number, dueAt: due.at, recipients: known }],
      };
    }
    case 'digest':
      return {
        case: { ...of, told: { ...told, digestAt: null } },
        effects: [{ kind: 'digest_due', digestAt: item.at }],
      };
  }
}

/** @throws when nothing is next, of which the agenda would not have said that it is due. */
function escalated(of: ComplianceCase, next: Escalation | null): CaseChange {
  if (next === null) throw new Error(`Nobody is to be told next of the case ${of.caseId}.`);
  const { number, recipient } = next;
  const told = { ...of.told, escalations: number };
  if (recipient === null)
    return { case: { ...of, told }, effects: [{ kind: 'alarm', code: 'case_unanswered' }] };
  const recipients = Math.max(told.recipients, recipient + 1);
  return {
    case: { ...of, told: { ...told, recipients } },
    effects: [{ kind: 'escalated', number, recipient }],
  };
}
