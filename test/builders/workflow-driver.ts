import type { AgendaItem } from '../../src/domain/agenda.js';
import type { AmlVersionsOutcome } from '../../src/domain/aml-changes.js';
import type { AppReport } from '../../src/domain/app-report.js';
import type { Turn, TurnInput } from '../../src/domain/customer-turn.js';
import { type Instant, later, toMs } from '../../src/domain/instant.js';
import type { LookOutcome } from '../../src/domain/journey.js';
import type { CallOutcome, CustomStepStage } from '../../src/domain/journey-calls.js';
import type { DecisionContext } from '../../src/domain/policy.js';
import type { Report } from '../../src/domain/reports.js';
import { CustomerLedger } from './customer-ledger.js';
import { CustomerStory, STORY_BEGINS_AT } from './customer-story.js';
import {
  failedRules,
  IdwiseModel,
  type ModelJourney,
  type ModelOptions,
  type PendingEvent,
} from './idwise-model.js';
import type { SeenApproval } from './status-oracle.js';

interface Sighting {
  readonly word: string;
  readonly serial: number;
  readonly submissions: number;
  readonly isOverNewer: boolean;
}

/** How things stood before a turn. */
export interface Before {
  readonly view: CustomerStory['view'];
  readonly facts: CustomerStory['facts'];
  readonly approval: SeenApproval | null;
}

/** How the next attempt at IDWise goes: as it should, or with one of the faults. */
export type Fault = 'none' | 'down' | 'unreadable' | 'refused' | 'uncertain_done' | 'uncertain_not_done';

/** Names a journey that bears somebody else's reference number. */
export const FOREIGN_JOURNEY = 'journey-of-another';

/**
 * Plays the workflow: feeds what was reported as turns, makes the attempts that the agenda wants when they are due, and
 * lets IDWise go on in between. It remembers what was fetched, so that what the customer was told can be held against it.
 */
export class WorkflowDriver {
  readonly story: CustomerStory;
  readonly model: IdwiseModel;
  readonly ledger = new CustomerLedger(STORY_BEGINS_AT);
  /** Each known journey as it was when it was last fetched. */
  readonly fetched = new Map<string, ModelJourney>();
  approval: SeenApproval | null = null;
  /** Decisions whose `Verification Update Required` has reached us. */
  readonly heardRequests = new Set<number>();
  /** What the turn's own look brought, beside what the look before it had brought. */
  lastFetch: { readonly before: ModelJourney | undefined; readonly now: ModelJourney } | null = null;
  private readonly onTurn: (turn: Turn, before: Before) => void;
  /** Journeys that somebody spoke of since they were fetched last, and whose look was given up. */
  readonly outdated = new Set<string>();
  /** Requests to resubmit that were heard of since the journey was fetched last, by the submission they are about. */
  private readonly heardAbout = new Map<string, number>();
  /** Journeys with a request to resubmit that was heard of, or looked for, only after the user had done so. */
  private readonly heardTooLate = new Set<string>();
  /** Each journey's manual decision as it was first seen in an unbroken row of the same word. */
  private readonly sightings = new Map<string, Sighting>();
  private causeCount = 0;

  constructor(
    options: ModelOptions,
    context: DecisionContext,
    /** Every report reaches the record twice. */
    readonly duplicates: boolean,
    onTurn: (turn: Turn, before: Before) => void,
  ) {
    this.story = new CustomerStory(context);
    this.model = new IdwiseModel(options, () => this.story.now);
    this.onTurn = onTurn;
  }

  /**
   * Journeys of which nobody can tell what their manual decision is about: the same word stands over other steps than
   * when it was seen last, and that it is a new decision was never seen nor heard; or it was first seen over newer steps;
   * or, where IDWise keeps the word, a late request for the steps before looks like a further one. Or the user is half
   * way through what was asked for, and somebody said that all is done; or it is to be renewed, and newer steps were there
   * when its approval was first seen.
   */
  unclear(): string[] {
    return [...this.fetched.values()]
      .filter((journey) => this.isUnclear(journey))
      .map((one) => one.journeyId);
  }

  /** Every inbox row that was reported from. */
  causes(): string[] {
    return Array.from({ length: this.causeCount }, (_, index) => `inbox-${index + 1}`);
  }

  /** Time passes, here and at IDWise. */
  pass(ms: number): void {
    this.story.pass(ms);
    this.model.passTime();
  }

  passUntil(instant: Instant): void {
    this.pass(Math.max(toMs(instant) - toMs(this.story.now), 0));
  }

  app(kind: Exclude<AppReport['kind'], 'registered'>, journeyId: string): void {
    this.ledger.heardApp(kind, journeyId, this.story.now);
    this.report({ source: 'app', report: { kind, journeyId } }, 0);
  }

  /** IDWise's event reaches us; it was received so long ago. */
  deliver(pending: PendingEvent, ageMs: number): void {
    const { event, journeyId, request } = pending;
    if (request !== null && !this.ledger.isClosed) {
      this.heardRequests.add(request.serial);
      this.heardAbout.set(journeyId, request.aboutSubmission);
    }
    this.ledger.heardEvent(pending, later(this.story.now, -ageMs));
    this.report({ source: 'idwise', event }, ageMs);
  }

  /** What is known of each journey is compared with IDWise; where it differs we have a reason to look. */
  sweep(): void {
    const { closedAt, journeys } = this.story.facts;
    if (closedAt !== null) return;
    for (const journeyId of Object.keys(journeys)) {
      const journey = this.model.find(journeyId);
      const isSame =
        journey !== undefined &&
        this.model.snapshot(journey).answerDigest === journeys[journeyId]?.snapshot?.answerDigest;
      if (!isSame) this.report({ source: 'reconciliation', journeyId }, 0);
    }
  }

  closeAccount(): void {
    this.take({ kind: 'close', actor: 'operator', reason: 'asked' }, () => {
      this.ledger.isClosed = true;
    });
  }

  reopenAccount(): void {
    this.take({ kind: 'reopen', actor: 'operator', reason: 'asked' }, () => {
      if (this.ledger.isClosed) this.ledger.begunAt = this.story.now;
      this.ledger.isClosed = false;
    });
  }

  /** Compliance lays its hold, or lifts it; here by hand. */
  holdForCompliance(isHeld: boolean): void {
    const { facts } = this.story;
    if (facts.closedAt !== null) return;
    this.ledger.hasComplianceHold = isHeld;
    const others = facts.holds.filter((hold) => hold !== 'compliance');
    this.story.facts = { ...facts, holds: isHeld ? [...others, 'compliance'] : others };
    this.take({ kind: 'clock' });
  }

  /** Makes the attempt that is due, if any; returns it. */
  work(fault: Fault): AgendaItem | undefined {
    const item = this.story.last.agenda.find(
      ({ nextAttemptAt }) => toMs(nextAttemptAt) <= toMs(this.story.now),
    );
    if (item === undefined) return undefined;
    const isGivenUp = item.giveUpAt !== null && toMs(item.giveUpAt) <= toMs(this.story.now);
    this.take(isGivenUp ? { kind: 'give_up', item } : this.attempt(item, fault));
    return item;
  }

  askToClose(journeyId: string): void {
    this.take({ kind: 'completion_requested', journeyId, actor: 'operator', reason: 'asked' });
  }

  private report(what: Partial<Report>, ageMs: number): void {
    const at = later(this.story.now, -ageMs);
    const reports = Array.from({ length: this.duplicates ? 2 : 1 }, () => {
      this.causeCount += 1;
      return { ...what, at, cause: `inbox-${this.causeCount}` } as Report;
    });
    this.take({ kind: 'reports', reports });
  }

  private take(input: TurnInput, alsoDone?: () => void): void {
    const { view, facts } = this.story;
    const { approval } = this;
    this.lastFetch = input.kind === 'look' && input.outcome.kind === 'journey' ? this.lastFetch : null;
    // The story lets a second pass before each turn; here the clock is the scenario's own.
    const turn = this.story.pass(-1_000).take(input);
    alsoDone?.();
    for (const effect of turn.effects) {
      if (effect.kind === 'approval_ended') this.approval = null;
      if (effect.kind === 'parked') this.outdated.add(effect.journeyId);
      if (effect.kind === 'approval_recorded') this.approval = this.seenApproval(effect.journeyId);
    }
    this.onTurn(turn, { view, facts, approval });
  }

  private seenApproval(journeyId: string): SeenApproval | null {
    const journey = this.fetched.get(journeyId);
    if (journey === undefined)
      throw new Error('An approval was recorded of a journey that was never fetched.');
    const { submissions, matches, manual } = journey;
    const byHand = manual?.word === 'Approved';
    // A journey that is open again shows no rule.
    const isShown = this.model.systemDecision(journey) !== 'Incomplete';
    return { journeyId, byHand, failedRules: isShown ? failedRules(journey) : [], submissions, matches };
  }

  private attempt(item: AgendaItem, fault: Fault): TurnInput {
    const journeyId = item.journeyId ?? '';
    switch (item.what) {
      case 'look':
      case 'second_look':
        return { kind: 'look', journeyId, outcome: this.fetch(journeyId, fault) };
      case 'aml_versions':
        return { kind: 'aml_versions', journeyId, outcome: this.readVersions(item, fault) };
      case 'images':
        return {
          kind: 'images',
          journeyId,
          answerDigest: item.answerDigest ?? '',
          outcome: { kind: 'stored', stored: 0 },
        };
      case 'custom_step': {
        const stage = item.stage ?? 'await_user_steps';
        return { kind: 'custom_step', journeyId, stage, outcome: this.advance(journeyId, stage, fault) };
      }
      case 'complete_journey': {
        const journey = this.model.find(journeyId);
        return { kind: 'completion', journeyId, outcome: call(fault, () => closes(this.model, journey)) };
      }
      case 'close_silent_journey':
        return { kind: 'completion_requested', journeyId, actor: 'policy', reason: 'silence' };
      case 'whitelist':
        return {
          kind: 'whitelist',
          journeyId,
          outcome: {
            kind: 'done',
            matches: this.story.journey(journeyId).whitelisting?.matches ?? [],
            gone: [],
          },
        };
      case 'remind':
        return { kind: 'remind' };
      case 'clock':
        return { kind: 'clock' };
    }
  }

  private fetch(journeyId: string, fault: Fault): LookOutcome {
    if (fault === 'unreadable') return { kind: 'unreadable', code: 'schema' };
    if (fault === 'refused') return { kind: 'refused', code: 'http_401' };
    if (fault !== 'none') return { kind: 'unavailable', code: 'timeout', retryAfterMs: null };
    if (journeyId === FOREIGN_JOURNEY) return { kind: 'not_ours' };
    const journey = this.model.find(journeyId);
    if (journey === undefined) return { kind: 'unknown_journey' };
    const now = structuredClone(journey);
    const before = this.fetched.get(journeyId);
    this.lastFetch = { before, now };
    this.fetched.set(journeyId, now);
    this.outdated.delete(journeyId);
    this.remember(now);
    this.ledger.fetched(before, now, this.model, this.heardRequests, this.story.now);
    if (now.submissions > (this.heardAbout.get(journeyId) ?? now.submissions))
      this.heardTooLate.add(journeyId);
    this.heardAbout.delete(journeyId);
    return { kind: 'journey', snapshot: this.model.snapshot(journey), fetchId: 'fetch' };
  }

  private remember({ journeyId, manual, submissions }: ModelJourney): void {
    if (manual === null) {
      this.sightings.delete(journeyId);
    } else if (this.sightings.get(journeyId)?.word !== manual.word) {
      const isOverNewer = submissions > manual.aboutSubmission;
      this.sightings.set(journeyId, { ...manual, submissions, isOverNewer });
    }
  }

  private isUnclear({ journeyId, manual, submissions, loosePictures }: ModelJourney): boolean {
    if (this.ledger.blurred.has(journeyId) && this.story.journey(journeyId).renewal !== null) return true;
    // Half of the steps with a word that all is done, late or untrue, cannot be told from all of them.
    if (loosePictures > 0 && this.story.journey(journeyId).verdict?.newerStepsAt != null) return true;
    const sighting = this.sightings.get(journeyId);
    if (manual === null || sighting === undefined) return false;
    const isSameWordAgain = sighting.serial !== manual.serial && sighting.submissions !== submissions;
    switch (manual.word) {
      case 'Approved':
        return sighting.isOverNewer || isSameWordAgain;
      case 'Resubmission Requested': {
        const wereHeard = [sighting, manual].every(({ serial }) => this.heardRequests.has(serial));
        const isMaybeAnother = this.model.options.keepsDecision && this.heardTooLate.has(journeyId);
        return sighting.isOverNewer || (isSameWordAgain && !wereHeard) || isMaybeAnother;
      }
      default:
        return false;
    }
  }

  private readVersions({ journeyId, versions }: AgendaItem, fault: Fault): AmlVersionsOutcome {
    if (fault !== 'none' || versions === undefined) return { kind: 'trouble', code: 'down' };
    const available = this.model.find(journeyId ?? '')?.amlVersion ?? 0;
    const { from, to } = versions;
    const wanted = Math.min(to ?? Number.POSITIVE_INFINITY, from + 4);
    const highest = Math.max(Math.min(available, wanted), from - 1);
    if (highest < wanted) return { kind: 'stored', highest, complete: to === null };
    return { kind: 'stored', highest, complete: to !== null && highest >= to };
  }

  private advance(journeyId: string, stage: CustomStepStage, fault: Fault): CallOutcome {
    const journey = this.model.find(journeyId);
    if (journey === undefined) return { kind: 'unavailable', code: 'http_404' };
    switch (stage) {
      case 'await_user_steps':
        if (fault !== 'none') return { kind: 'unavailable', code: 'timeout' };
        return { kind: journey.submissions > 0 ? 'user_steps_concluded' : 'user_steps_open' };
      case 'send_face':
        return call(fault, () => {
          if (journey.completionAsked) return false;
          journey.faceMatched = true;
          return true;
        });
      case 'complete':
        return call(fault, () => closes(this.model, journey));
    }
  }
}

function closes(model: IdwiseModel, journey: ModelJourney | undefined): boolean {
  return journey !== undefined && model.close(journey);
}

/** One call that changes something at IDWise: with doubt, it may or may not have been carried out. */
function call(fault: Fault, carryOut: () => boolean): CallOutcome {
  switch (fault) {
    case 'none':
      return carryOut() ? { kind: 'done' } : { kind: 'rejected', code: 'http_409' };
    case 'uncertain_done':
      carryOut();
      return { kind: 'uncertain' };
    case 'uncertain_not_done':
      return { kind: 'uncertain' };
    case 'refused':
      return { kind: 'refused', code: 'http_401' };
    case 'down':
    case 'unreadable':
      return { kind: 'unavailable', code: 'timeout' };
  }
}
