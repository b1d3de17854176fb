import type { AgendaItem } from '../../src/domain/agenda.js';
import type { Turn } from '../../src/domain/customer-turn.js';
import { type Instant, toMs } from '../../src/domain/instant.js';
import type { ProfileView } from '../../src/domain/profile-view.js';
import { verdictState } from '../../src/domain/verdict.js';
import { decisionContext } from './customer-story.js';
import { IdwiseModel, type ModelJourney } from './idwise-model.js';
import { type Action, FAULTS, FINDINGS, type Scenario, SECOND_MS, TICKS_MS, WORDS } from './scenario.js';
import { statusByTheTable } from './status-oracle.js';
import { type Before, type Fault, FOREIGN_JOURNEY, WorkflowDriver } from './workflow-driver.js';

export type Guarantee = keyof typeof GUARANTEES;

/** What must hold in every telling. */
export const GUARANTEES = {
  settles: 'in the end the status is the table’s, by what IDWise says now and the approval on record',
  followsTheTable:
    'whenever all that was heard of has been fetched the status is the table’s, by what was fetched',
  approvedOnlyByProof:
    'nobody is told approved but by the table over what was fetched, or an approval on record',
  rejectedOnlyByIdwise: 'nobody is told rejected unless IDWise said so in what was fetched',
  amlUnseen: 'after an approval on record a pure change of AML never changes the view',
  versionCounts: 'the version grows by one when the view changes, and with nothing else',
  progress: 'what is attempted is done with, or due later: nothing is tried without end',
  amlToldOnce: 'every version of AML is told once, and none twice',
  everyEventEnds: 'every report is processed or parked in the end, and once',
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

  constructor(
    readonly scenario: Scenario,
    duplicates = false,
  ) {
    const { options, approveAfterManualRejection } = scenario;
    this.model = new IdwiseModel(options);
    const context = decisionContext(
      { approveAfterManualRejection },
      { customStepConfigured: options.customStep },
    );
    this.driver = new WorkflowDriver(this.model, context, duplicates, (turn, before) =>
      this.watch(turn, before),
    );
  }

  play(): this {
    this.begin();
    for (const action of this.scenario.actions) this.do(action);
    this.settle();
    this.isUnclear = this.driver.unclear().length > 0;
    const { status } = this.driver.story;
    const expected = this.byTheTable(this.driver.approval);
    if (!this.isUnclear && status !== expected) this.object('settles', `${status}, by the table ${expected}`);
    this.checkVersionsTold();
    for (const cause of this.driver.causes())
      if (this.ends.get(cause) !== 1) this.object('everyEventEnds', `${cause}: ${this.ends.get(cause)}`);
    return this;
  }

  object(guarantee: Guarantee, found: string): void {
    this.against.push({ guarantee, found });
  }

  /** The status that the table gives for what was fetched last, with this approval on record. */
  private byTheTable(approval: Before['approval']): string {
    const { approveAfterManualRejection } = this.scenario;
    return statusByTheTable(this.known(), approval, { model: this.model, approveAfterManualRejection });
  }

  private known(): ModelJourney[] {
    const { facts } = this.driver.story;
    return [...this.driver.fetched.values()].filter(({ journeyId }) => journeyId in facts.journeys);
  }

  private checkStatus(before: Before): void {
    const { driver } = this;
    const { status, facts } = driver.story;
    const rejects = (journey: ModelJourney) =>
      journey.manual?.word === 'Rejected' || this.model.systemDecision(journey) === 'Rejected';
    if (status === 'rejected' && !this.known().some(rejects))
      this.object('rejectedOnlyByIdwise', 'nothing fetched says so');

    if (driver.unclear().length > 0) return;
    const expected = this.byTheTable(before.approval);
    if (status === 'approved' && expected !== 'approved')
      this.object('approvedOnlyByProof', `by the table ${expected}`);
    const journeys = Object.values(facts.journeys);
    const isAllFetched =
      journeys.length === this.known().length && journeys.every(({ owedLook }) => owedLook === null);
    if (!isAllFetched || status === expected) return;
    // Newer steps of which nobody has said that they are all, and how long AML has been waited for, only the domain knows.
    const isUnsaid = this.known().some(
      (journey) =>
        journey.judgedSubmission !== journey.submissions &&
        verdictState(driver.story.journey(journey.journeyId)) === 'stands',
    );
    const isOutOfPatience = status === 'under_review' && this.known().some(({ amlReady }) => !amlReady);
    if (!isUnsaid && !isOutOfPatience) this.object('followsTheTable', `${status}, by the table ${expected}`);
  }

  private watch(turn: Turn, before: Before): void {
    const { driver } = this;
    const { view } = driver.story;
    for (const cause of [...turn.processed, ...(turn.parked?.causes ?? [])])
      this.ends.set(cause, (this.ends.get(cause) ?? 0) + 1);

    this.checkStatus(before);

    const looked = driver.lastFetch;
    if (looked !== null && before.approval?.journeyId === looked.now.journeyId) {
      // A request to resubmit may be one that is told only now, by its own event.
      const isAmlAlone =
        looked.before !== undefined &&
        sameButAml(looked.before, looked.now) &&
        looked.now.manual?.word !== 'Resubmission Requested';
      if (isAmlAlone && view !== before.view)
        this.object('amlUnseen', `${before.view.status} → ${view.status}`);
    }
    if (looked?.now.amlReady && !this.firstVersions.has(looked.now.journeyId))
      this.firstVersions.set(looked.now.journeyId, looked.now.amlVersion);

    const contentOf = ({ version: _version, updatedAt: _at, ...content }: ProfileView) =>
      JSON.stringify(content);
    const isChanged = contentOf(view) !== contentOf(before.view);
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
    for (const event of this.model.pending.splice(0)) this.driver.deliver(event, 0);
    for (let attempts = 0; attempts < 10; attempts += 1) this.work('none');
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
        const event = pending[n % Math.max(pending.length, 1)];
        if (event === undefined) return;
        if (deed !== 'repeat') pending.splice(pending.indexOf(event), 1);
        if (deed !== 'lose') driver.deliver(event, n * 3 * SECOND_MS);
        return;
      }
      case 'tick':
        driver.story.pass(TICKS_MS[n] ?? 0);
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
      case 'close':
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
      case 'renew':
        model.renew(journey);
        return;
      case 'round':
        // A reviewer asks again, the user does it, IDWise and perhaps the reviewer decide, before we see anything.
        model.review(journey, 'Resubmission Requested');
        model.handInAll(journey);
        model.process(journey, FINDINGS[n] ?? 'good');
        if (n % 2 === 0) model.review(journey, WORDS[n % 3] ?? 'Approved');
        return;
      case 'review':
        model.review(journey, WORDS[n % 3] ?? 'Approved');
        return;
    }
  }

  /** IDWise ends what it has begun, what is under way arrives, and all is done that is still to be done. */
  private settle(): void {
    const { model, driver } = this;
    const end = () => {
      for (const journey of model.journeys) {
        model.makeAmlReady(journey);
        model.process(journey, 'good');
      }
      for (const event of model.pending.splice(0)) driver.deliver(event, 0);
    };
    end();
    this.workOff(end);
    for (const { journeyId } of model.journeys)
      if (journeyId in driver.story.facts.journeys) driver.look(journeyId, 'none');
    this.workOff(end);
  }

  private workOff(afterEach: () => void): void {
    for (let attempts = 0; ; attempts += 1) {
      const [next] = this.driver.story.last.agenda;
      if (next === undefined) return;
      if (attempts > 500) {
        this.object('progress', `it never settles: ${JSON.stringify(next)}`);
        return;
      }
      this.driver.story.pass(Math.max(toMs(next.nextAttemptAt) - toMs(this.driver.story.now), 0));
      this.work('none');
      afterEach();
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
    if (isDueAgain && (this.stuck > 2 || !isPast(again.giveUpAt)))
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
