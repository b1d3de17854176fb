import { type AgendaItem, agenda } from './agenda.js';
import { failedChecksWithoutAml } from './checks.js';
import type { CustomerFacts } from './customer.js';
import { withJourney } from './customer.js';
import type { Instant } from './instant.js';
import type { LookOutcome } from './journey.js';
import {
  type CallOutcome,
  type CustomStepStage,
  recordCompletion,
  recordCustomStep,
  requestCompletion,
} from './journey-calls.js';
import { type AmlChange, type AmlVersionsOutcome, recordAmlVersions, recordLook } from './looks.js';
import type { DecisionContext } from './policy.js';
import { type Report, recordReport } from './reports.js';
import { type Judgement, judge } from './status.js';

/** What a turn of the customer's workflow brings to the record. */
export type TurnInput =
  | { readonly kind: 'reports'; readonly reports: readonly Report[] }
  | { readonly kind: 'look'; readonly journeyId: string; readonly outcome: LookOutcome }
  | { readonly kind: 'aml_versions'; readonly journeyId: string; readonly outcome: AmlVersionsOutcome }
  | {
      readonly kind: 'custom_step';
      readonly journeyId: string;
      readonly stage: CustomStepStage;
      readonly outcome: CallOutcome;
    }
  | {
      readonly kind: 'completion_requested';
      readonly journeyId: string;
      readonly actor: string;
      readonly reason: string;
    }
  | { readonly kind: 'completion'; readonly journeyId: string; readonly outcome: CallOutcome }
  | { readonly kind: 'give_up'; readonly item: AgendaItem }
  /** Only the clock moved on. */
  | { readonly kind: 'clock' };

export type AlarmCode =
  | NonNullable<Judgement['alarm']>
  | 'idwise_refused'
  | 'idwise_unreadable'
  | 'journey_not_ours'
  | 'unknown_journey'
  | 'look_gave_up'
  | 'result_overdue'
  | 'custom_step_gave_up'
  | 'completion_gave_up';

/** Something that happened to the customer's record; each becomes one audit record. */
export type Effect =
  | { readonly kind: 'status_changed'; readonly from: Standing; readonly to: Standing }
  | { readonly kind: 'approval_recorded'; readonly journeyId: string }
  | { readonly kind: 'approval_ended'; readonly journeyId: string }
  | { readonly kind: 'journey_linked'; readonly journeyId: string }
  | { readonly kind: 'details_saved'; readonly journeyId: string; readonly answerId: string }
  | { readonly kind: 'aml_changed'; readonly change: AmlChange }
  | { readonly kind: 'custom_step'; readonly journeyId: string; readonly outcome: string }
  | {
      readonly kind: 'completion';
      readonly journeyId: string;
      readonly outcome: string;
      readonly actor: string;
      readonly reason: string;
    }
  | { readonly kind: 'parked'; readonly journeyId: string; readonly reason: ParkedLookReason }
  | { readonly kind: 'alarm'; readonly code: AlarmCode; readonly journeyId: string | null };

export interface Standing {
  readonly status: Judgement['status'];
  readonly access: Judgement['access'];
  readonly ground: Judgement['ground'] | null;
}

export type ParkedLookReason = 'journey_not_ours' | 'unknown_journey' | 'look_gave_up';

export interface Turn {
  readonly facts: CustomerFacts;
  readonly judgement: Judgement;
  readonly effects: readonly Effect[];
  readonly agenda: readonly AgendaItem[];
  /** Inbox rows that are done with. */
  readonly processed: readonly string[];
  /** Inbox rows that are given up, and why. */
  readonly parked: { readonly causes: readonly string[]; readonly reason: ParkedLookReason } | null;
}

interface Change {
  readonly facts: CustomerFacts;
  readonly effects: readonly Effect[];
  readonly processed: readonly string[];
  readonly parked: Turn['parked'];
}

/**
 * One turn: what is new goes into the facts, the facts are judged, and what changed is named. Pure, so that the
 * workflow's story can be tested in thousands of orders without a server.
 *
 * Takes the facts, how the customer stood before, what is new, the context and the time; returns the turn.
 */
export function takeTurn(
  before: CustomerFacts,
  stood: Standing,
  input: TurnInput,
  context: DecisionContext,
  at: Instant,
): Turn {
  const change = apply(before, input, context, at);
  const judgement = judge(change.facts, context, at);
  const approved = recordApproval(change.facts, judgement, at);
  const standing: Standing = { status: judgement.status, access: judgement.access, ground: judgement.ground };
  const effects = [...change.effects, ...approved.effects];
  if (stood.status !== standing.status || stood.access !== standing.access) {
    effects.push({ kind: 'status_changed', from: stood, to: standing });
  }
  if (judgement.alarm !== null && judgement.ground !== stood.ground) {
    effects.push({ kind: 'alarm', code: judgement.alarm, journeyId: judgement.journeyId });
  }
  return {
    facts: approved.facts,
    judgement,
    effects,
    agenda: agenda(approved.facts, context, at, judgement.reviewAt),
    processed: change.processed,
    parked: change.parked,
  };
}

function apply(facts: CustomerFacts, input: TurnInput, context: DecisionContext, at: Instant): Change {
  switch (input.kind) {
    case 'reports':
      return applyReports(facts, input.reports);
    case 'look':
      return applyLook(facts, input.journeyId, input.outcome, context, at);
    case 'aml_versions':
      return applyAml(facts, recordAmlVersions(facts, input.journeyId, input.outcome, at, false));
    case 'custom_step':
      return applyCustomStep(facts, input, at);
    case 'completion_requested': {
      const { journeyId, actor, reason } = input;
      const asked = requestCompletion(facts, journeyId, actor, reason, at);
      return only(asked, [{ kind: 'completion', journeyId, outcome: 'requested', actor, reason }]);
    }
    case 'completion': {
      const next = recordCompletion(facts, input.journeyId, input.outcome, at);
      return only(next, completionEffects(facts, next, input.journeyId));
    }
    case 'give_up':
      return giveUp(facts, input.item, at);
    case 'clock':
      return only(facts, []);
  }
}

function only(facts: CustomerFacts, effects: readonly Effect[]): Change {
  return { facts, effects, processed: [], parked: null };
}

/** A report that causes no look (a registration, an event of no known journey) is done with as soon as it is recorded. */
function applyReports(facts: CustomerFacts, reports: readonly Report[]): Change {
  const next = reports.reduce(recordReport, facts);
  const waiting = new Set(Object.values(next.journeys).flatMap((journey) => journey.owedLook?.causes ?? []));
  return {
    facts: next,
    effects: [],
    processed: reports.map((report) => report.cause).filter((cause) => !waiting.has(cause)),
    parked: null,
  };
}

function applyLook(
  facts: CustomerFacts,
  journeyId: string,
  outcome: LookOutcome,
  context: DecisionContext,
  at: Instant,
): Change {
  const looked = recordLook(facts, journeyId, outcome, at, context);
  const effects: Effect[] = [];
  const known = facts.journeys[journeyId];
  if (outcome.kind === 'journey') {
    if (known === undefined || known.snapshot === null) effects.push({ kind: 'journey_linked', journeyId });
    if (known?.snapshot?.answerDigest !== outcome.snapshot.answerDigest) {
      effects.push({ kind: 'details_saved', journeyId, answerId: outcome.fetchId });
    }
    effects.push(...completionEffects(facts, looked.facts, journeyId));
  } else {
    const trouble = looked.facts.journeys[journeyId]?.owedLook?.trouble ?? null;
    const isNew = trouble !== (known?.owedLook?.trouble ?? null);
    if (isNew && outcome.kind === 'refused')
      effects.push({ kind: 'alarm', code: 'idwise_refused', journeyId });
    if (isNew && outcome.kind === 'unreadable')
      effects.push({ kind: 'alarm', code: 'idwise_unreadable', journeyId });
  }
  if (looked.amlChange !== null) effects.push({ kind: 'aml_changed', change: looked.amlChange });
  return { facts: looked.facts, effects, processed: looked.settledCauses, parked: null };
}

function applyAml(facts: CustomerFacts, looked: ReturnType<typeof recordAmlVersions>): Change {
  const effects: Effect[] =
    looked.amlChange === null ? [] : [{ kind: 'aml_changed', change: looked.amlChange }];
  return only(looked.facts === facts ? facts : looked.facts, effects);
}

function applyCustomStep(
  facts: CustomerFacts,
  input: Extract<TurnInput, { kind: 'custom_step' }>,
  at: Instant,
): Change {
  const { journeyId } = input;
  const next = recordCustomStep(facts, journeyId, input.stage, input.outcome, at);
  const was = facts.journeys[journeyId]?.customStep ?? null;
  const is = next.journeys[journeyId]?.customStep ?? null;
  const effects: Effect[] = [];
  if (is !== null && is.face !== (was?.face ?? 'wanted'))
    effects.push({ kind: 'custom_step', journeyId, outcome: `face_${is.face}` });
  if (is?.completedAt != null && was?.completedAt == null)
    effects.push({ kind: 'custom_step', journeyId, outcome: 'completed' });
  return only(next, effects);
}

function completionEffects(before: CustomerFacts, after: CustomerFacts, journeyId: string): Effect[] {
  const was = before.journeys[journeyId]?.completion;
  const is = after.journeys[journeyId]?.completion;
  if (is == null || was == null || was.state === is.state) return [];
  return [{ kind: 'completion', journeyId, outcome: is.state, actor: is.actor, reason: is.reason }];
}

/** What has waited too long is parked with a reason and raises an alarm; the customer's loop goes on. */
function giveUp(facts: CustomerFacts, item: AgendaItem, at: Instant): Change {
  const { journeyId } = item;
  const journey = journeyId === null ? undefined : facts.journeys[journeyId];
  if (journeyId === null || journey === undefined) return only(facts, []);
  const put = (change: Partial<typeof journey>) =>
    withJourney(facts, journeyId, at, (old) => ({ ...old, ...change }));
  const alarm = (code: AlarmCode): Effect => ({ kind: 'alarm', code, journeyId });
  switch (item.what) {
    case 'look': {
      const { owedLook } = journey;
      const reason = parkedReason(owedLook?.trouble ?? null);
      // A journey that was never ours leaves no trace in the facts, so that it can never rule.
      const next =
        journey.snapshot === null && reason === 'journey_not_ours'
          ? withoutJourney(facts, journeyId)
          : put({ owedLook: null });
      return {
        facts: next,
        effects: [{ kind: 'parked', journeyId, reason }, alarm(reason)],
        processed: [],
        parked: { causes: owedLook?.causes ?? [], reason },
      };
    }
    case 'second_look': {
      // A decision that only a body mentioned may never have been one; a result that never came is an alarm.
      const onlyHeard =
        journey.heardManualDecision !== null &&
        journey.finishedHeardAt === null &&
        journey.amlPendingSince === null;
      return onlyHeard
        ? only(put({ heardManualDecision: null }), [])
        : only(put({ resultGivenUpAt: at }), [alarm('result_overdue')]);
    }
    case 'aml_versions':
      return applyAml(
        facts,
        recordAmlVersions(facts, journeyId, { kind: 'trouble', code: 'gave_up' }, at, true),
      );
    case 'custom_step':
      return only(
        put({
          customStep: journey.customStep && { ...journey.customStep, completedAt: at, trouble: 'gave_up' },
        }),
        [alarm('custom_step_gave_up')],
      );
    case 'complete_journey':
      return only(put({ completion: journey.completion && { ...journey.completion, state: 'given_up' } }), [
        alarm('completion_gave_up'),
      ]);
    case 'close_silent_journey':
    case 'clock':
      return only(facts, []);
  }
}

function parkedReason(trouble: string | null): ParkedLookReason {
  if (trouble === 'not_ours') return 'journey_not_ours';
  return trouble === 'unknown_journey' ? 'unknown_journey' : 'look_gave_up';
}

function withoutJourney(facts: CustomerFacts, journeyId: string): CustomerFacts {
  const { [journeyId]: _dropped, ...journeys } = facts.journeys;
  return { ...facts, journeys };
}

/**
 * The approval is recorded with what already failed when it was given, so that later "only AML worsened" can be told
 * from anything else. Another outcome of the ruling journey ends it; a hold or a closed account only covers it.
 */
function recordApproval(
  facts: CustomerFacts,
  judgement: Judgement,
  at: Instant,
): { facts: CustomerFacts; effects: Effect[] } {
  const { approval } = facts;
  if (judgement.finding === 'approved') {
    const journey = judgement.journeyId === null ? undefined : facts.journeys[judgement.journeyId];
    if (journey?.snapshot == null) return { facts, effects: [] };
    const by = judgement.findingGround === 'manual_decision' ? ('manual' as const) : ('system' as const);
    const isNew =
      approval === null ||
      ((judgement.findingGround === 'manual_decision' || judgement.findingGround === 'checks_passed') &&
        (approval.journeyId !== journey.journeyId || approval.by !== by));
    if (!isNew) return { facts, effects: [] };
    const { journeyId, snapshot } = journey;
    return {
      facts: {
        ...facts,
        approval: {
          journeyId,
          at,
          by,
          failedChecks: failedChecksWithoutAml(snapshot),
          amlDigest: snapshot.aml?.digest ?? null,
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
