import type { AgendaItem } from '../../src/domain/agenda.js';
import type { Turn } from '../../src/domain/customer-turn.js';
import { type Instant, later, latest, toMs } from '../../src/domain/instant.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { ProfileView } from '../../src/domain/profile-view.js';
import { verdictState } from '../../src/domain/verdict.js';
import { decisionContext } from './customer-story.js';
import type { IdwiseModel, ModelJourney, PendingEvent } from './idwise-model.js';
import {
  type Action,
  FAULTS,
  FINDINGS,
  LONG_TICKS_MS,
  type Scenario,
  SECOND_MS,
  TICKS_MS,
  WORDS,
} from './scenario.js';
import { type Found, findByTheTable, withOurOwn } from './status-oracle.js';
import { type Before, type Fault, FOREIGN_JOURNEY, WorkflowDriver } from './workflow-driver.js';

export type Guarantee = keyof typeof GUARANTEES;

const DAY_MS = 86_400 * SECOND_MS;
/** What IDWise ends by itself is seen within this time: the longest gap between two attempts, and some. */
const SOON_MS = 2 * 3_600 * SECOND_MS;
/** More matters than that cannot wait at once, to be given up one after the other. */
const MOST_MATTERS = 8;
const DELIVERED_FOR_MS = 30 * 60 * SECOND_MS;

/** What must hold in every telling. */
export const GUARANTEES = {
  settles:
    'after one sweep, and when all time has passed, the status is the table’s, by what IDWise says and the approval on record',
  followsTheTable:
    'whenever all that was heard of has been fetched the status is the table’s, by what was fetched',
  approvedOnlyByProof:
    'nobody is told approved but by the table over what was fetched, or an approval on record',
  expiredOnlyAfterSilence: 'nobody is told expired who has been at it within the policy’s time',
  rejectedOnlyByIdwise: 'nobody is told rejected unless IDWise said so in what was fetched',
  amlUnseen: 'after an approval on record a pure change of AML never changes the view',
  versionCounts: 'the version grows by one when the view changes, and with nothing else',
  progress: 'what is attempted is done with, or due later: nothing is tried without end',
  amlToldOnce: 'every version of AML is told once, and none twice',
  everyEventEnds: 'every report is processed or parked in the end, and once',
  remindsSparingly: 'reminders are at most N for each wait, and spaced',
  remindsOnlyWhoHasToAct: 'nobody is reminded who has nothing to do, is at it, held or closed',
  holdsEndByTheirCause: 'a hold is there when it was laid, and ends by its own cause alone',
  closedStays: 'of a closed account nothing changes, whatever comes',
  nothingTwice: 'what a turn did no later turn does again',
} as const;

/** One telling of a scenario, from the first action to the end, when everything has settled. */
export class Telling {
  readonly model: IdwiseModel;
  readonly driver: WorkflowDriver;
  /** What was found against each guarantee. */
  readonly against: { readonly guarantee: Guarantee; readonly found: string }[] = [];
  readonly ends = new Map<string, number>();
  /** AML version of each journey when its AML part was first seen. */
  readonly firstVersions = new Map<string, number>();
  isUnclear = false;
  private stuck = 0;
  private readonly reminders: { readonly matter: string; readonly at: Instant }[] = [];
  private readonly told: PendingEvent[] = [];

  constructor(
    readonly scenario: Scenario,
    duplicates = false,
  ) {
    const { options, approveAfterManualRejection } = scenario;
    const context = decisionContext(
      { ...DEFAULT_POLICY, approveAfterManualRejection },
      { customStepConfigured: options.customStep },
    );
    this.driver = new WorkflowDriver(options, context, duplicates, (turn, before) =>
      this.watch(turn, before),
    );
    this.model = this.driver.model;
  }

  play(): this {
    this.begin();
    for (const action of this.scenario.actions) this.do(action);
    this.settle();
    this.checkVersionsTold();
    for (const cause of this.driver.causes())
      if (this.ends.get(cause) !== 1) this.object('everyEventEnds', `${cause}: ${this.ends.get(cause)}`);
    return this;
  }

  object(guarantee: Guarantee, found: string): void {
    this.against.push({ guarantee, found });
  }

  /** What the table gives for what was fetched last, with this approval on record. */
  private find(approval: Before['approval']): Found {
    const { approveAfterManualRejection } = this.scenario;
    const { ledger, story } = this.driver;
    const context = { model: this.model, approveAfterManualRejection, ledger, now: story.now };
    return findByTheTable(this.known(), approval, context);
  }

  private checkSettled(): void {
    const { driver } = this;
    if (driver.unclear().length > 0) {
      this.isUnclear = true;
      return;
    }
    const { status, access } = driver.story.view;
    const expected = withOurOwn(this.find(driver.approval), driver.ledger);
    if (status !== expected) this.object('settles', `${status}, by the table ${expected}`);
    const isHeld = driver.story.facts.holds.length > 0;
    if (access !== (isHeld ? 'none' : DEFAULT_POLICY.access[status]))
      this.object('settles', `${status} opens ${access}`);
  }

  private known(): ModelJourney[] {
    const { facts } = this.driver.story;
    return [...this.driver.fetched.values()].filter(({ journeyId }) => journeyId in facts.journeys);
  }

  private checkStatus(before: Before): void {
    const { driver } = this;
    const { status } = driver.story;
    const rejects = (journey: ModelJourney) =>
      journey.manual?.word === 'Rejected' || this.model.systemDecision(journey) === 'Rejected';
    if (status === 'rejected' && !this.known().some(rejects))
      this.object('rejectedOnlyByIdwise', 'nothing fetched says so');

    const { ledger } = driver;
    if (status === 'expired') {
      const silentMs = toMs(driver.story.now) - toMs(ledger.lastSign(this.known()));
      if (silentMs < 14 * DAY_MS && !this.known().some(({ journeyId }) => ledger.asks.has(journeyId)))
        this.object('expiredOnlyAfterSilence', `after ${silentMs} ms`);
    }

    if (driver.unclear().length > 0) return;
    const expected = withOurOwn(this.find(before.approval), ledger);
    if (status === 'approved' && expected !== 'approved')
      this.object('approvedOnlyByProof', `by the table ${expected}`);
    if (!this.isAllFetched() || status === expected) return;
    // How long AML has been waited for, only the domain knows.
    const isOutOfPatience = status === 'under_review' && this.known().some(({ amlReady }) => !amlReady);
    if (!this.isUnsaid() && !isOutOfPatience)
      this.object('followsTheTable', `${status}, by the table ${expected}`);
  }

  /** Of every journey that anybody spoke of we know what IDWise said then, or later. */
  private isAllFetched(): boolean {
    const { story, outdated } = this.driver;
    const journeys = Object.values(story.facts.journeys);
    return (
      journeys.length === this.known().length &&
      journeys.every(({ journeyId, owedLook }) => owedLook === null && !outdated.has(journeyId))
    );
  }

  /** Newer steps are there of which nobody has said that they are all. */
  private isUnsaid(): boolean {
    return this.known().some(
      (journey) =>
        journey.judgedSubmission !== journey.submissions &&
        verdictState(this.driver.story.journey(journey.journeyId)) === 'stands',
    );
  }

  private watch(turn: Turn, before: Before): void {
    const { driver } = this;
    const { view } = driver.story;
    for (const cause of [...turn.processed, ...(turn.parked?.causes ?? [])])
      this.ends.set(cause, (this.ends.get(cause) ?? 0) + 1);

    const { facts } = driver.story;
    if (before.facts.closedAt !== null && facts.closedAt !== null && facts !== before.facts)
      this.object('closedStays', 'something was taken in');
    const found = this.find(before.approval);
    // Whether a renewal is done by what nobody can tell, the ledger cannot tell either.
    for (const journeyId of driver.unclear()) driver.ledger.blurred.add(journeyId);
    driver.ledger.settleRenewal(found.ruling, found, driver.story.now);
    this.checkStatus(before);
    this.checkHolds();
    this.checkReminders(turn, found);
    this.checkNothingTwice(turn, before);

    const looked = driver.lastFetch;
    if (looked !== null && before.approval?.journeyId === looked.now.journeyId) {
      // A request to resubmit may be one that is told only now, by its own event.
      const isAmlAlone =
        looked.before !== undefined &&
        sameButAml(looked.before, looked.now) &&
        looked.now.manual?.word !== 'Resubmission Requested';
      // A renewal may fall due, or be told, at the very moment of the look.
      const isByClock = turn.effects.some(({ kind }) => kind === 'hold_laid' || kind === 'renewal_asked');
      if (isAmlAlone && !isByClock && view !== before.view)
        this.object('amlUnseen', `${before.view.status} → ${view.status}`);
    }
    if (looked?.now.amlReady && !this.firstVersions.has(looked.now.journeyId))
      this.firstVersions.set(looked.now.journeyId, looked.now.amlVersion);

    const contentOf = ({ version: _version, updatedAt: _at, ...content }: ProfileView) =>
      JSON.stringify(content);
    const isChanged = view !== before.view && contentOf(view) !== contentOf(before.view);
    if (view.version !== before.view.version + (isChanged ? 1 : 0))
      this.object('versionCounts', `${before.view.version} → ${view.version}, changed: ${isChanged}`);
  }

  /**
   * A version is told by its number, or by matches: those of a change without a number that it turns out to be the number
   * of, or those that were told with another version, when its own event was lost and the history was not to be had.
   */
  private checkVersionsTold(): void {
    const changes = this.driver.story.effects.flatMap((effect) =>
      effect.kind === 'aml_changed' ? [effect.change] : [],
    );
    for (const { journeyId, amlVersion } of this.driver.fetched.values()) {
      const first = this.firstVersions.get(journeyId) ?? amlVersion;
      const ofJourney = changes.filter((change) => change.journeyId === journeyId);
      for (let version = 1; version <= amlVersion; version += 1) {
        const byNumber = ofJourney.filter(
          ({ fromVersion, toVersion }) => fromVersion < version && version <= toVersion,
        ).length;
        const byMatches = ofJourney.some(
          ({ fromVersion, toVersion, digest }) =>
            (fromVersion === toVersion && toVersion === version - 1) || matchesNumber(digest) >= version,
        );
        if (byNumber > 1 || (version > first && byNumber === 0 && !byMatches))
          this.object(
            'amlToldOnce',
            `${journeyId} v${version} of ${amlVersion}: ${JSON.stringify(ofJourney)}`,
          );
      }
    }
  }

  private begin(): void {
    const { model, driver } = this;
    const { beginning } = this.scenario;
    if (beginning === null) return;
    const journey = model.start(false);
    driver.app('journey_started', journey.journeyId);
    model.handInAll(journey);
    model.makeAmlReady(journey);
    this.catchUp();
    model.process(journey, FINDINGS[beginning.n] ?? 'good');
    if (beginning.isHeard) this.catchUp();
  }

  /** All that is under way arrives, and all that is due is done. */
  private catchUp(): void {
    this.deliverAll();
    for (let attempts = 0; attempts < 10; attempts += 1) this.work('none');
  }

  private deliverAll(): void {
    this.giveUpDelivering();
    for (const event of this.model.pending.splice(0)) this.deliver(event, 0);
  }

  private deliver(event: PendingEvent, ageMs: number): void {
    this.told.push(event);
    this.driver.deliver(event, ageMs);
  }

  /** IDWise tries for half an hour, and then never again. */
  private giveUpDelivering(): void {
    const { pending } = this.model;
    const { now } = this.driver.story;
    const kept = pending.filter(({ emittedAt }) => toMs(now) - toMs(emittedAt) <= DELIVERED_FOR_MS);
    pending.splice(0, pending.length, ...kept);
  }

  /** Time passes while the worker does what is due, up to a number of attempts. */
  private liveOn(ms: number): void {
    const { driver } = this;
    const until = later(driver.story.now, ms);
    for (let attempts = 0; attempts < 30; attempts += 1) {
      const [next] = driver.story.last.agenda;
      if (next === undefined || toMs(next.nextAttemptAt) > toMs(until)) break;
      driver.passUntil(next.nextAttemptAt);
      this.work('none');
    }
    driver.passUntil(until);
  }

  private do({ deed, journey: number, n }: Action): void {
    const { model, driver } = this;
    const { journeys, pending } = model;
    const journey = journeys[number % Math.max(journeys.length, 1)];
    switch (deed) {
      case 'start':
        if (journeys.length < 3) {
          const { journeyId } = model.start(n === 9);
          if (n % 2 === 0) driver.app('journey_started', journeyId);
        }
        return;
      case 'foreign':
        if (n < 3) driver.app('journey_started', FOREIGN_JOURNEY);
        return;
      case 'deliver':
      case 'repeat':
      case 'lose': {
        this.giveUpDelivering();
        const event = pending[n % Math.max(pending.length, 1)];
        if (event === undefined) return;
        if (deed !== 'repeat') pending.splice(pending.indexOf(event), 1);
        if (deed !== 'lose') this.deliver(event, n * 3 * SECOND_MS);
        return;
      }
      case 'replay': {
        const event = this.told[n % Math.max(this.told.length, 1)];
        if (event !== undefined) this.driver.deliver(event, 0);
        return;
      }
      case 'tick':
        driver.pass(TICKS_MS[n] ?? 0);
        return;
      case 'sleep':
        // The worker is away.
        driver.pass(LONG_TICKS_MS[n] ?? 0);
        return;
      case 'live_on':
        this.liveOn(LONG_TICKS_MS[n] ?? 0);
        return;
      case 'sweep':
        driver.sweep();
        return;
      case 'close_account':
        if (n < 3) driver.closeAccount();
        return;
      case 'reopen_account':
        driver.reopenAccount();
        return;
      case 'hold':
        if (n < 5) driver.holdForCompliance(true);
        return;
      case 'release':
        driver.holdForCompliance(false);
        return;
      case 'work':
        for (let attempts = 0; attempts <= n % 3; attempts += 1) this.work(FAULTS[n] ?? 'none');
        return;
      case 'catch_up':
        this.catchUp();
        return;
    }
    if (journey !== undefined) this.doWith(journey, deed, n);
  }

  private doWith(journey: ModelJourney, deed: Action['deed'], n: number): void {
    const { model, driver } = this;
    switch (deed) {
      case 'hand_in_one':
        model.handInOne(journey);
        return;
      case 'hand_in_all':
        if (model.handInAll(journey) && n % 3 > 0) driver.app('journey_submitted', journey.journeyId);
        return;
      case 'app_submitted':
        driver.app('journey_submitted', journey.journeyId);
        return;
      case 'app_cancelled':
        driver.app('journey_cancelled', journey.journeyId);
        return;
      case 'complete':
        if (n < 4) driver.askToClose(journey.journeyId);
        return;
      case 'process':
        model.process(journey, FINDINGS[n] ?? 'good');
        return;
      case 'aml_ready':
        model.makeAmlReady(journey);
        return;
      case 'aml':
        model.changeAml(journey, n % 3);
        return;
      case 'renew': {
        // Renewals are years apart: one has long been seen to be done when the next one is asked for.
        if (!driver.ledger.duties.has(journey.journeyId)) model.renew(journey);
        return;
      }
      case 'round':
        // A reviewer asks again, the user does it, IDWise and perhaps the reviewer decide, before we see anything.
        model.review(journey, 'Resubmission Requested');
        model.handInAll(journey);
        model.process(journey, FINDINGS[n] ?? 'good');
        if (n % 2 === 0) model.review(journey, WORDS[n % 3] ?? 'Approved');
        return;
      case 'seen_round':
        // The same, and we see it all.
        model.review(journey, 'Resubmission Requested');
        this.catchUp();
        if (model.handInAll(journey)) driver.app('journey_submitted', journey.journeyId);
        this.catchUp();
        model.process(journey, n < 8 ? 'bad' : 'capture');
        this.catchUp();
        return;
      case 'review':
        model.review(journey, WORDS[n % 3] ?? 'Approved');
        return;
    }
  }

  /**
   * IDWise ends what it has begun, what is under way arrives, and one sweep finds what was lost; then all the time passes
   * that there is to wait for.
   */
  private settle(): void {
    const { driver } = this;
    const isClosed = driver.story.facts.closedAt !== null;
    if (isClosed) {
      this.checkSettled();
      driver.reopenAccount();
    }
    this.endAtIdwise();
    this.workOff(SOON_MS);
    driver.sweep();
    this.workOff(SOON_MS);
    this.checkSettled();
    this.workOff(null);
    this.checkSettled();
  }

  private endAtIdwise(): void {
    for (const journey of this.model.journeys) {
      this.model.makeAmlReady(journey);
      this.model.process(journey, 'good');
    }
    this.deliverAll();
  }

  /** Does what is due within that time, again and again; null: whenever it is due. */
  private workOff(withinMs: number | null): void {
    for (let attempts = 0; ; attempts += 1) {
      const [next] = this.driver.story.last.agenda;
      if (next === undefined) return;
      const { now } = this.driver.story;
      if (withinMs !== null && toMs(next.nextAttemptAt) - toMs(now) > withinMs) return;
      if (attempts > 500) {
        this.object('progress', `it never settles: ${JSON.stringify(next)}`);
        return;
      }
      this.driver.passUntil(next.nextAttemptAt);
      this.work('none');
      this.endAtIdwise();
    }
  }

  /** Compliance's hold is there as long as it was not lifted by hand, the renewal's as long as the renewal is not done. */
  private checkHolds(): void {
    const { ledger, story } = this.driver;
    const { holds } = story.facts;
    if (holds.includes('compliance') !== ledger.hasComplianceHold)
      this.object('holdsEndByTheirCause', `compliance: ${ledger.hasComplianceHold}`);
    const isClear = this.driver.unclear().length === 0 && this.isAllFetched();
    if (isClear && holds.includes('renewal') !== ledger.hasRenewalHold)
      this.object('holdsEndByTheirCause', `renewal: by the ledger ${ledger.hasRenewalHold}`);
  }

  private checkReminders(turn: Turn, found: Found): void {
    const { ledger, story } = this.driver;
    for (const effect of turn.effects) {
      if (effect.kind !== 'reminded') continue;
      const { matter } = effect;
      const isOfRenewal = matter.startsWith('renew:');
      const since = this.waitsSince(found);
      const ofMatter = this.reminders.filter((reminder) => reminder.matter === matter);
      const [last, lastOfMatter] = [this.reminders.at(-1), ofMatter.at(-1)];
      const passedMs = (at: Instant | undefined) =>
        at === undefined ? Number.POSITIVE_INFINITY : toMs(story.now) - toMs(at);
      const inThisWait = ofMatter.filter(({ at }) => isOfRenewal || toMs(at) >= toMs(since)).length;
      if (inThisWait >= 3) this.object('remindsSparingly', `${matter}: one more than three`);
      if (!isOfRenewal && (passedMs(last?.at) < DAY_MS || passedMs(lastOfMatter?.at) < 3 * DAY_MS))
        this.object('remindsSparingly', `${matter}: again after ${passedMs(last?.at)} ms`);
      this.reminders.push({ matter, at: story.now });

      const isAtIt = !isOfRenewal && passedMs(since) < DAY_MS;
      const isCovered = story.facts.holds.length > 0 || story.facts.closedAt !== null;
      const isClear = this.driver.unclear().length === 0 && this.isAllFetched() && !this.isUnsaid();
      const isIdwisesMove =
        Object.values(story.facts.journeys).some(({ owedLook }) => owedLook !== null) ||
        (isClear && !isOfRenewal && this.known().some((journey) => this.isHandedIn(journey)));
      const mustAct = isOfRenewal
        ? ledger.duties.has(found.ruling?.journeyId ?? '')
        : ['created', 'in_progress', 'resubmission_required'].includes(found.status);
      if (isCovered || isIdwisesMove || isAtIt || (isClear && !mustAct))
        this.object('remindsOnlyWhoHasToAct', `${matter} though ${found.status}`);
    }
  }

  /** Since when the customer has been waited for. */
  private waitsSince({ status, ruling }: Found): Instant {
    const { ledger } = this.driver;
    if (status === 'created') return ledger.begunAt;
    const sign = ledger.lastSign(this.known());
    const askedAt = ledger.asks.get(ruling?.journeyId ?? '')?.seenAt ?? null;
    return status === 'resubmission_required' ? latest(sign, askedAt) : sign;
  }

  private isHandedIn(journey: ModelJourney): boolean {
    return this.model.systemDecision(journey) === 'Incomplete' && journey.submissions > 0;
  }

  private checkNothingTwice(turn: Turn, before: Before): void {
    const { story } = this.driver;
    for (const effect of turn.effects) {
      if (effect.kind === 'hold_laid' || effect.kind === 'hold_lifted') {
        const isLaid = effect.kind === 'hold_laid';
        const [was, is] = [before.facts, story.facts].map(({ holds }) => holds.includes(effect.hold));
        if (was === isLaid || is !== isLaid) this.object('nothingTwice', effect.kind);
      }
      if (effect.kind === 'renewal_asked') {
        const asked = story.effects.filter(
          (other) => other.kind === 'renewal_asked' && other.journeyId === effect.journeyId,
        );
        const events = new Set(
          this.told.flatMap(({ event, journeyId, renewal }) =>
            renewal !== null && journeyId === effect.journeyId ? [event.eventId] : [],
          ),
        );
        if (asked.length > events.size) this.object('nothingTwice', 'a renewal was asked for again');
      }
    }
  }

  /**
   * Each attempt makes progress: what was due is gone, has moved on, is due later, or is to be given up now. Two hints
   * of the same moment are given up one after the other.
   */
  private work(fault: Fault): void {
    const item = this.driver.work(fault);
    if (item === undefined) return;
    const { now, last } = this.driver.story;
    const isPast = (instant: Instant | null) => instant !== null && toMs(instant) <= toMs(now);
    const again = last.agenda.find((other) => isSame(other, item));
    const isDueAgain = again !== undefined && isPast(again.nextAttemptAt);
    this.stuck = isDueAgain ? this.stuck + 1 : 0;
    if (isDueAgain && (this.stuck > MOST_MATTERS || !isPast(again.giveUpAt)))
      this.object('progress', `${JSON.stringify(item)} → ${JSON.stringify(again)}`);
  }
}

/** The same matter; where one of two matters of a kind is done with, the other one bears another end. */
function isSame(a: AgendaItem, b: AgendaItem): boolean {
  return (
    (a.giveUpAt === b.giveUpAt || b.giveUpAt === null) &&
    a.what === b.what &&
    a.journeyId === b.journeyId &&
    a.stage === b.stage &&
    a.versions?.from === b.versions?.from
  );
}

/** In the model each version has matches of its own, named by its number. */
function matchesNumber(digest: string | null): number {
  return Number(digest?.replace('matches-', '') ?? 0);
}

function sameButAml(a: ModelJourney, b: ModelJourney): boolean {
  const { amlReady: _readyA, amlVersion: _versionA, matches: _matchesA, openMatches: _openA, ...restOfA } = a;
  const { amlReady: _readyB, amlVersion: _versionB, matches: _matchesB, openMatches: _openB, ...restOfB } = b;
  return JSON.stringify(restOfA) === JSON.stringify(restOfB);
}
