import { type AgendaItem, agenda } from './agenda.js';
import { hasOnlyAmlWorsened } from './aml-after-approval.js';
import { type AmlVersionsOutcome, amlEffect, recordAmlVersions } from './aml-changes.js';
import { recordApproval } from './approval.js';
import { carryOutMeasure, type WantedMeasure } from './case-measures.js';
import { type Change, only } from './change.js';
import { type CustomerFacts, knownJourney } from './customer.js';
import type { Effect, ParkedLookReason, Standing } from './effects.js';
import { giveUp } from './give-up.js';
import { type ImagesAttempted, recordImages } from './images.js';
import { importedSoFar, isKnownToTheCompany } from './imported.js';
import { type Instant, toMs } from './instant.js';
import { isOpen, type LookOutcome } from './journey.js';
import {
  type CallOutcome,
  type CustomStepStage,
  completionEffects,
  recordCompletion,
  recordCustomStep,
  requestCompletion,
} from './journey-calls.js';
import { recordLook } from './looks.js';
import type { DecisionContext } from './policy.js';
import { type Asked, close, lateReports, reopen, reprocess } from './relationship.js';
import { nextReminder, recordReminder } from './reminders.js';
import { settleRenewal } from './renewal.js';
import { type Report, recordReport } from './reports.js';
import { rulingJourney } from './ruling-journey.js';
import { type Judgement, judge } from './status.js';
import { troubleEffects } from './trouble.js';
import { recordWhitelisting, type WhitelistOutcome } from './whitelisting.js';

/** What a turn of the customer's workflow brings to the record. */
export type TurnInput =
  | { readonly kind: 'reports'; readonly reports: readonly Report[] }
  | { readonly kind: 'look'; readonly journeyId: string; readonly outcome: LookOutcome }
  | { readonly kind: 'aml_versions'; readonly journeyId: string; readonly outcome: AmlVersionsOutcome }
  | ({ readonly kind: 'images' } & ImagesAttempted)
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
  | ({ readonly kind: 'close'; readonly isFrozenByCase?: boolean } & Asked)
  | ({ readonly kind: 'reopen' | 'reprocess' } & Asked)
  | { readonly kind: 'whitelist'; readonly journeyId: string; readonly outcome: WhitelistOutcome }
  /** The next reminder is due. */
  | { readonly kind: 'remind' }
  | { readonly kind: 'completion'; readonly journeyId: string; readonly outcome: CallOutcome }
  | { readonly kind: 'give_up'; readonly item: AgendaItem }
  /** Only the clock moved on. */
  | { readonly kind: 'clock' };

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

/**
 * One turn: what is new goes into the facts, the facts are judged, and what changed is named. Pure, so that the
 * workflow's story can be tested in thousands of orders without a server.
 *
 * Takes the facts, how the customer stood before, what is new, the context, the time, and what cases want done at once
 * because of what this very turn shows; returns the turn.
 */
export function takeTurn(
  before: CustomerFacts,
  stood: Standing,
  input: TurnInput,
  context: DecisionContext,
  at: Instant,
  atOnce: readonly WantedMeasure[] = [],
): Turn {
  const change = withMeasures(apply(before, input, context, at), atOnce, at);
  const renewal = settleRenewal(change.facts, judge(change.facts, context, at), context.policy, at);
  const judgement = judge(renewal.facts, context, at);
  const approved = recordApproval(renewal.facts, judgement, at);
  const standing: Standing = { status: judgement.status, access: judgement.access, ground: judgement.ground };
  const effects = [...change.effects, ...renewal.effects, ...approved.effects];
  if (stood.status !== standing.status || stood.access !== standing.access) {
    const untold = isKnownToTheCompany(before, input) ? ({ untold: 'imported' } as const) : {};
    effects.push({ kind: 'status_changed', from: stood, to: standing, ...untold });
  }
  if (judgement.alarm !== null && isNews(judgement, stood, judge(before, context, at))) {
    effects.push({ kind: 'alarm', code: judgement.alarm, journeyId: judgement.journeyId });
  }
  const facts = importedSoFar(approved.facts);
  return {
    facts,
    judgement,
    effects,
    agenda: agenda(facts, context, at, judgement),
    processed: change.processed,
    parked: change.parked,
  };
}

/**
 * An alarm is raised when it comes up, not in each turn that finds it still there. The ground on record tells that, and
 * the facts before this turn where the ground is one of our own, which covers the finding.
 */
function isNews(now: Judgement, stood: Standing, before: Judgement): boolean {
  const isOwn = (ground: Standing['ground']) => ground === 'held' || ground === 'closed';
  const isCovered = isOwn(now.ground) || isOwn(stood.ground);
  return now.alarm !== before.alarm || (now.ground !== stood.ground && !isCovered);
}

function withMeasures(change: Change, measures: readonly WantedMeasure[], at: Instant): Change {
  let { facts } = change;
  const effects = [...change.effects];
  for (const measure of measures) {
    const done = carryOutMeasure(facts, measure, at);
    facts = done.facts;
    effects.push(...done.effects);
  }
  return { ...change, facts, effects };
}

function apply(facts: CustomerFacts, input: TurnInput, context: DecisionContext, at: Instant): Change {
  // An answer to what was under way when the customer was closed comes too late, as an event does.
  if (facts.closedAt !== null && !isTakenInOnClosed(input)) return only(facts, []);
  switch (input.kind) {
    case 'reports': {
      const { reports } = input;
      const change =
        facts.closedAt === null ? applyReports(facts, reports, at) : applyToClosed(facts, reports, at);
      return { ...change, effects: [...reports.flatMap(replayed), ...change.effects] };
    }
    case 'close':
      return close(facts, input, at);
    case 'reopen':
      return reopen(facts, input, at);
    case 'reprocess':
      return reprocess(facts, input, at);
    case 'whitelist':
      return recordWhitelisting(facts, input.journeyId, input.outcome, at);
    case 'remind':
      return remind(facts, context, at);
    case 'look':
      return applyLook(facts, input.journeyId, input.outcome, context, at);
    case 'aml_versions':
      return applyAmlVersions(facts, input, at);
    case 'images':
      return recordImages(facts, input, context.policy, at);
    case 'custom_step':
      return applyCustomStep(facts, input, at);
    case 'completion_requested': {
      const { journeyId, actor, reason } = input;
      const journey = knownJourney(facts, journeyId);
      // The workflow refuses these itself, but knows nothing yet where the request has started it.
      if (journey === undefined || (journey.snapshot !== null && !isOpen(journey.snapshot)))
        return only(facts, []);
      const asked = requestCompletion(facts, journeyId, actor, reason, at);
      return only(asked, [{ kind: 'completion', journeyId, outcome: 'requested', actor, reason }]);
    }
    case 'completion': {
      const { journeyId } = input;
      const next = recordCompletion(facts, journeyId, input.outcome, at);
      const troubleOf = (of: CustomerFacts) => knownJourney(of, journeyId)?.completion?.trouble ?? null;
      return only(next, [
        ...completionEffects(facts, next, journeyId),
        ...troubleEffects(troubleOf(facts), troubleOf(next), journeyId),
      ]);
    }
    case 'give_up': {
      const change = giveUp(facts, input.item, context.policy, at);
      const { parked } = change;
      return { ...change, parked: parked && { ...parked, causes: ended(change.facts, parked.causes) } };
    }
    case 'clock':
      return only(facts, []);
  }
}

function replayed({ cause, replay }: Report): Effect[] {
  if (replay === undefined) return [];
  const { of, actor, reason } = replay;
  return [{ kind: 'event_replayed', inboxId: cause, of, actor, reason }];
}

/** What is still taken in of a closed customer; whitelisting goes on, whether it succeeds or is given up. */
const ON_CLOSED: ReadonlySet<TurnInput['kind']> = new Set(['reports', 'close', 'reopen', 'whitelist']);

function isTakenInOnClosed(input: TurnInput): boolean {
  return ON_CLOSED.has(input.kind) || (input.kind === 'give_up' && input.item.what === 'whitelist');
}

/**
 * The reminder that the workflow woke up for; none where the customer has moved on in between, or where it woke up so late
 * that the deadline has passed and a hold is laid now.
 */
function remind(facts: CustomerFacts, context: DecisionContext, at: Instant): Change {
  const judgement = judge(facts, context, at);
  const { facts: settled } = settleRenewal(facts, judgement, context.policy, at);
  const reminder = nextReminder(settled, judgement, rulingJourney(facts), context.policy);
  if (reminder === null || toMs(reminder.dueAt) > toMs(at)) return only(facts, []);
  const { matter, number, of } = reminder;
  return only(recordReminder(facts, reminder, at), [{ kind: 'reminded', matter, number, of }]);
}

/** A case goes on about a customer who is gone; everything else that comes in is late. */
function applyToClosed(facts: CustomerFacts, reports: readonly Report[], at: Instant): Change {
  const measures = applyReports(
    facts,
    reports.filter(({ source }) => source === 'case'),
    at,
  );
  const late = lateReports(
    facts,
    reports.filter(({ source }) => source !== 'case'),
  );
  return {
    ...measures,
    effects: [...measures.effects, ...late.effects],
    processed: [...measures.processed, ...late.processed],
  };
}

/**
 * A report that causes no look (a registration, an event of no known journey) is done with as soon as it is recorded;
 * so is one of very many that wait for the same look, when the list of causes is full.
 */
function applyReports(facts: CustomerFacts, reports: readonly Report[], at: Instant): Change {
  const effects: Effect[] = [];
  let next = facts;
  for (const report of reports) {
    if (report.source === 'case') {
      const carriedOut = carryOutMeasure(next, report, at);
      next = carriedOut.facts;
      effects.push(...carriedOut.effects);
    } else {
      next = recordReport(next, report, at);
    }
  }
  const waiting = new Set(waitingCauses(next));
  const causes = new Set([...waitingCauses(facts), ...reports.map((report) => report.cause)]);
  return {
    facts: next,
    effects,
    processed: [...causes].filter((cause) => !waiting.has(cause)),
    parked: null,
  };
}

function waitingCauses(facts: CustomerFacts): readonly string[] {
  return Object.values(facts.journeys).flatMap((journey) => journey.owedLook?.causes ?? []);
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
  const known = knownJourney(facts, journeyId);
  if (outcome.kind === 'journey') {
    if (known === undefined || known.snapshot === null) effects.push({ kind: 'journey_linked', journeyId });
    if (known?.snapshot?.answerDigest !== outcome.snapshot.answerDigest) {
      const after = knownJourney(looked.facts, journeyId);
      const decisionStands = after !== undefined && hasOnlyAmlWorsened(after, looked.facts, context);
      effects.push({ kind: 'details_saved', journeyId, answerId: outcome.fetchId, decisionStands });
    }
    effects.push(...completionEffects(facts, looked.facts, journeyId));
  } else {
    const trouble = knownJourney(looked.facts, journeyId)?.owedLook?.trouble ?? null;
    effects.push(...troubleEffects(known?.owedLook?.trouble ?? null, trouble, journeyId));
  }
  effects.push(...looked.amlEffects);
  return { facts: looked.facts, effects, processed: ended(looked.facts, looked.settledCauses), parked: null };
}

/** A report that wants a look at every journey has ended when the last one has been made. */
function ended(facts: CustomerFacts, causes: readonly string[]): readonly string[] {
  const waiting = new Set(waitingCauses(facts));
  return causes.filter((cause) => !waiting.has(cause));
}

function applyAmlVersions(
  facts: CustomerFacts,
  { journeyId, outcome }: Extract<TurnInput, { kind: 'aml_versions' }>,
  at: Instant,
): Change {
  const { facts: next, amlChange } = recordAmlVersions(facts, journeyId, outcome, at, false);
  const troubleOf = (of: CustomerFacts) => knownJourney(of, journeyId)?.aml.owed?.trouble ?? null;
  return only(next, [
    ...(amlChange === null ? [] : [amlEffect(amlChange)]),
    ...troubleEffects(troubleOf(facts), troubleOf(next), journeyId),
  ]);
}

function applyCustomStep(
  facts: CustomerFacts,
  input: Extract<TurnInput, { kind: 'custom_step' }>,
  at: Instant,
): Change {
  const { journeyId } = input;
  const next = recordCustomStep(facts, journeyId, input.stage, input.outcome, at);
  const was = knownJourney(facts, journeyId)?.customStep ?? null;
  const is = knownJourney(next, journeyId)?.customStep ?? null;
  const effects: Effect[] = [];
  if (is !== null && is.face !== (was?.face ?? 'wanted'))
    effects.push({ kind: 'custom_step', journeyId, outcome: `face_${is.face}` });
  if (is?.completedAt != null && was?.completedAt == null)
    effects.push({ kind: 'custom_step', journeyId, outcome: 'completed' });
  effects.push(...troubleEffects(was?.trouble ?? null, is?.trouble ?? null, journeyId));
  return only(next, effects);
}
