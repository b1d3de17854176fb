import type { CustomerMeasure } from '../../src/domain/cases/outcomes.js';
import { type CustomerFacts, type JourneyFacts, newCustomer } from '../../src/domain/customer.js';
import { type Turn, type TurnInput, takeTurn } from '../../src/domain/customer-turn.js';
import type { Effect, Standing } from '../../src/domain/effects.js';
import type { IdwiseEvent, IdwiseEventKind } from '../../src/domain/idwise-event.js';
import { type Instant, later, latest, toMs } from '../../src/domain/instant.js';
import type { JourneySnapshot, LookOutcome } from '../../src/domain/journey.js';
import { DEFAULT_POLICY, type DecisionContext, type Policy } from '../../src/domain/policy.js';
import { nextView, present } from '../../src/domain/present.js';
import type { ProfileView } from '../../src/domain/profile-view.js';
import type { Report } from '../../src/domain/reports.js';
import { judge } from '../../src/domain/status.js';
import { FLOW_ID, JOURNEY_ID, journeySnapshot, type SnapshotWishes } from './journey-snapshot.js';

export const STORY_BEGINS_AT = '2026-01-01T09:00:00.000Z';

/** Waits for customers without end and never reminds them: what tests of anything but silence want. */
const PATIENT: Partial<Policy> = {
  reminders: { ...DEFAULT_POLICY.reminders, most: 0 },
  expiry: { ...DEFAULT_POLICY.expiry, afterMs: null },
  redo: { mostRounds: 1_000, dueAfterMs: null },
  renewal: { ...DEFAULT_POLICY.renewal, remindBeforeMs: [], suspendsWhenDue: false },
};

/**
 * Takes changes of the policy; returns a context with the flow of the snapshots, without a custom step, and without the
 * default's reminders and expiry.
 */
export function decisionContext(
  policy: Partial<Policy> = {},
  changes: Partial<DecisionContext> = {},
): DecisionContext {
  return {
    policy: { ...DEFAULT_POLICY, ...PATIENT, ...policy },
    flowId: FLOW_ID,
    customStepConfigured: false,
    ...changes,
  };
}

/** Takes a kind and what else it says; returns an event of IDWise. */
export function idwiseEvent(kind: IdwiseEventKind, says: Partial<IdwiseEvent> = {}): IdwiseEvent {
  return {
    kind,
    eventId: null,
    journeyId: JOURNEY_ID,
    referenceNo: 'ref-1',
    manualDecision: null,
    action: null,
    amlVersion: null,
    trigger: null,
    requiredSteps: [],
    ...says,
  };
}

let wishes = 0;

/** Takes a case and what it wants of the customer, newer than all before unless said; returns the turn that brings it. */
export function caseWants(caseId: string, measure: CustomerMeasure, revision?: number): TurnInput {
  wishes += 1;
  const at = STORY_BEGINS_AT;
  const report = {
    source: 'case',
    caseId,
    revision: revision ?? wishes,
    journeyId: JOURNEY_ID,
    measure,
    at,
    cause: `wish-${wishes}`,
  } as const;
  return { kind: 'reports', reports: [report] };
}

/** Takes what is fetched and changes of the policy; returns a story in which one look brought this journey. */
export function seen(wishes: SnapshotWishes, policy: Partial<Policy> = {}): CustomerStory {
  const story = new CustomerStory(decisionContext(policy));
  story.sees(journeySnapshot(wishes));
  return story;
}

/**
 * One customer's story, turn by turn: it does what the record does around a turn, so that tests tell only what happened.
 * A second passes before each turn.
 */
export class CustomerStory {
  facts: CustomerFacts;
  standing: Standing;
  view: ProfileView;
  now: Instant = STORY_BEGINS_AT;
  last: Turn;
  readonly effects: Effect[] = [];
  /** When the customer was reminded. */
  readonly remindedAt: Instant[] = [];
  private reportCount = 0;

  constructor(readonly context: DecisionContext = decisionContext()) {
    this.facts = newCustomer('ref-1', this.now);
    const judgement = judge(this.facts, context, this.now);
    const { status, access, ground } = judgement;
    this.standing = { status, access, ground };
    const content = present(this.facts, judgement, context);
    this.view = { ...content, version: 1, updatedAt: this.now };
    this.last = takeTurn(this.facts, this.standing, { kind: 'clock' }, context, this.now);
  }

  get status() {
    return this.view.status;
  }

  /** The journey's facts; a test that asks for a journey that is not there has a fault. */
  journey(journeyId = JOURNEY_ID): JourneyFacts {
    const journey = this.facts.journeys[journeyId];
    if (journey === undefined) throw new Error(`The story has no journey ${journeyId}.`);
    return journey;
  }

  pass(ms: number): this {
    this.now = later(this.now, ms);
    return this;
  }

  /** Passes the time, and takes the turns of the clock and the reminders that fall due meanwhile; no look is made. */
  livesOn(ms: number): this {
    const until = later(this.now, ms);
    for (let turns = 0; turns < 100; turns += 1) {
      const next = this.last.agenda.find(({ what }) => what === 'clock' || what === 'remind');
      if (next === undefined || toMs(next.nextAttemptAt) > toMs(until)) {
        this.now = latest(until, this.now);
        return this;
      }
      this.now = later(latest(next.nextAttemptAt, this.now), -1_000);
      this.take({ kind: next.what === 'remind' ? 'remind' : 'clock' });
    }
    throw new Error(`What is due is not done with: ${JSON.stringify(this.last.agenda)}`);
  }

  take(input: TurnInput): Turn {
    this.pass(1_000);
    const turn = takeTurn(this.facts, this.standing, input, this.context, this.now);
    const { status, access, ground } = turn.judgement;
    this.view = nextView(this.view, present(turn.facts, turn.judgement, this.context), this.now);
    this.facts = turn.facts;
    this.standing = { status, access, ground };
    this.effects.push(...turn.effects);
    if (turn.effects.some(({ kind }) => kind === 'reminded')) this.remindedAt.push(this.now);
    this.last = turn;
    return turn;
  }

  /** IDWise's event reaches us; its look is not made by this. */
  hears(kind: IdwiseEventKind, says: Partial<IdwiseEvent> = {}, at?: Instant): Turn {
    return this.reports({ ...this.origin(at), source: 'idwise', event: idwiseEvent(kind, says) });
  }

  /** The app reports on a journey. */
  app(
    kind: 'journey_started' | 'journey_submitted' | 'journey_cancelled',
    journeyId = JOURNEY_ID,
    at?: Instant,
  ): Turn {
    return this.reports({ ...this.origin(at), source: 'app', report: { kind, journeyId } });
  }

  reports(...reports: Report[]): Turn {
    return this.take({ kind: 'reports', reports });
  }

  /** A look brings this journey. */
  sees(snapshot: JourneySnapshot): Turn {
    return this.looks(
      { kind: 'journey', snapshot, fetchId: `fetch of ${snapshot.answerDigest}` },
      snapshot.journeyId,
    );
  }

  /** A look brings this. */
  looks(outcome: LookOutcome, journeyId = JOURNEY_ID): Turn {
    return this.take({ kind: 'look', journeyId, outcome });
  }

  /** Status, access and the ground, as it stands. */
  get stands() {
    const { status, access, ground } = this.standing;
    return { status, access, ground };
  }

  /** Every alarm that was raised, in order. */
  get alarms() {
    return this.effects.flatMap((effect) => (effect.kind === 'alarm' ? [effect.code] : []));
  }

  /** When each reminder was sent, in days after the time. */
  remindedAfter(time: Instant): number[] {
    return this.remindedAt.map((at) => Math.round((toMs(at) - toMs(time)) / 86_400_000));
  }

  /** Every agenda item of that kind that stands now. */
  waiting(what: Turn['agenda'][number]['what']) {
    return this.last.agenda.filter((item) => item.what === what);
  }

  private origin(at?: Instant): { at: Instant; cause: string } {
    this.reportCount += 1;
    return { at: at ?? later(this.now, 1_000), cause: `inbox-${this.reportCount}` };
  }
}
