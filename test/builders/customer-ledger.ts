import { type Instant, later, latest, toMs } from '../../src/domain/instant.js';
import type { IdwiseModel, ModelJourney, PendingEvent } from './idwise-model.js';

const DAY_MS = 24 * 60 * 60_000;
/** The default policy's times, written down a second time. */
export const RENEWAL_GRACE_MS = 30 * DAY_MS;
export const EXPIRES_AFTER_MS = 30 * DAY_MS;
export const REDO_DUE_AFTER_MS = 14 * DAY_MS;
export const MOST_ROUNDS = 3;

/** A request to do steps again, as far as looks have shown it. */
interface Ask {
  readonly kind: 'request' | 'capture' | 'none';
  readonly seenAt: Instant;
  readonly serial: number | null;
  readonly aboutSubmission: number;
  /** The pictures that were there when it was counted last. */
  readonly countedOver: string;
  readonly rounds: number;
}

/** Steps of an approved journey that are to be renewed, as far as we have been told. */
interface Duty {
  readonly askedAt: Instant;
  readonly deadline: Instant | null;
  readonly aboutSubmission: number;
  readonly isExceeded: boolean;
  /** Somebody has said since then that all is done. */
  readonly isSaidDone: boolean;
  /** The approval had been seen before; otherwise nobody can tell newer steps from those, and that word must do. */
  readonly wasApproved: boolean;
}

/** What a clerk beside the product would write down of what reached it: signs of life, requests, duties, our own holds. */
export class CustomerLedger {
  isClosed = false;
  hasComplianceHold = false;
  hasRenewalHold = false;
  readonly asks = new Map<string, Ask>();
  readonly duties = new Map<string, Duty>();
  /** Journeys of which it could not be told at some time which steps a decision was about. */
  readonly blurred = new Set<string>();
  private readonly signs = new Map<string, Instant>();
  private readonly firstUserSteps = new Map<string, string | null>();
  private readonly heardRenewals = new Set<string | null>();
  /** The submission of each journey that was last found approved. */
  private readonly approvedUpTo = new Map<string, number>();

  /** When the customer was registered, or taken back. */
  constructor(public begunAt: Instant) {}

  heardApp(kind: string, journeyId: string, at: Instant): void {
    if (this.isClosed) return;
    this.sign(journeyId, at);
    if (kind === 'journey_submitted') this.saidDone(journeyId);
  }

  heardEvent({ event, journeyId, renewal }: PendingEvent, at: Instant): void {
    if (this.isClosed) return;
    if (event.kind === 'finished_step') this.sign(journeyId, at);
    if (event.kind === 'finished_user_steps') {
      this.sign(journeyId, at);
      const first = this.firstUserSteps.get(journeyId) ?? event.eventId;
      this.firstUserSteps.set(journeyId, first);
      if (first !== event.eventId) this.saidDone(journeyId);
    }
    if (event.kind === 'updated_journey' && event.action === 'Step Update') {
      this.sign(journeyId, at);
      this.saidDone(journeyId);
    }
    if (renewal === null || this.heardRenewals.has(event.eventId)) return;
    this.heardRenewals.add(event.eventId);
    if ((this.approvedUpTo.get(journeyId) ?? 0) > renewal.aboutSubmission) return;
    const duty = this.duties.get(journeyId);
    this.duties.set(journeyId, {
      askedAt: duty !== undefined && toMs(duty.askedAt) < toMs(at) ? duty.askedAt : at,
      deadline: renewal.deadline ?? duty?.deadline ?? null,
      aboutSubmission: renewal.aboutSubmission,
      isExceeded: event.kind === 'kyc_renewal_deadline_exceeded' || (duty?.isExceeded ?? false),
      isSaidDone: duty?.isSaidDone ?? false,
      wasApproved: duty?.wasApproved ?? this.approvedUpTo.has(journeyId),
    });
  }

  fetched(
    before: ModelJourney | undefined,
    now: ModelJourney,
    model: IdwiseModel,
    heardRequests: ReadonlySet<number>,
    at: Instant,
  ): void {
    if (before !== undefined && picturesOf(before) !== picturesOf(now)) this.sign(now.journeyId, at);
    this.noteAsk(now, model, heardRequests, at);
  }

  private noteAsk(
    journey: ModelJourney,
    model: IdwiseModel,
    heardRequests: ReadonlySet<number>,
    at: Instant,
  ): void {
    const { journeyId, manual, judgedSubmission } = journey;
    const last = this.asks.get(journeyId);
    const isCapture =
      manual === null && model.systemDecision(journey) !== 'Incomplete' && journey.findings === 'capture';
    const kind = manual?.word === 'Resubmission Requested' ? 'request' : isCapture ? 'capture' : 'none';
    const isAnother =
      kind !== last?.kind ||
      (kind === 'capture' &&
        judgedSubmission > last.aboutSubmission &&
        picturesOf(journey) !== last.countedOver) ||
      (manual !== null &&
        manual.serial !== last.serial &&
        heardRequests.has(manual.serial) &&
        heardRequests.has(last.serial ?? 0));
    if (!isAnother) return;
    const isCounted = kind !== 'none' && picturesOf(journey) !== last?.countedOver;
    this.asks.set(journeyId, {
      kind,
      seenAt: at,
      serial: manual?.serial ?? null,
      aboutSubmission: judgedSubmission,
      countedOver: isCounted ? picturesOf(journey) : (last?.countedOver ?? ''),
      rounds: (last?.rounds ?? 0) + (isCounted ? 1 : 0),
    });
  }

  /**
   * Takes the ruling journey, whether what was fetched of it approves, whether the customer counts as approved, and the
   * time: a renewal may be done by that, or be overdue; the hold follows.
   */
  settleRenewal(
    ruling: ModelJourney | undefined,
    { isProven: isApproved, status }: { readonly isProven: boolean; readonly status: string },
    now: Instant,
  ): void {
    if (this.isClosed || ruling === undefined) return;
    const { journeyId, judgedSubmission, submissions } = ruling;
    if (isApproved) {
      if (submissions > judgedSubmission && !this.approvedUpTo.has(journeyId)) this.blurred.add(journeyId);
      this.approvedUpTo.set(journeyId, judgedSubmission);
      if (judgedSubmission > (this.duties.get(journeyId)?.aboutSubmission ?? judgedSubmission))
        this.duties.delete(journeyId);
    }
    const duty = this.duties.get(journeyId);
    if (duty === undefined) {
      if (isApproved) this.hasRenewalHold = false;
      return;
    }
    const isDue =
      status === 'approved' && toMs(now) >= toMs(duty.deadline ?? later(duty.askedAt, RENEWAL_GRACE_MS));
    const isUnderWay = duty.isSaidDone && (submissions > duty.aboutSubmission || !duty.wasApproved);
    if (duty.isExceeded || (isDue && !isUnderWay)) this.hasRenewalHold = true;
  }

  /** Takes the journeys that are known; returns when the customer was last seen to be at it. */
  lastSign(journeys: readonly ModelJourney[]): Instant {
    return journeys.reduce(
      (last, { journeyId, startedAt }) => latest(latest(last, startedAt), this.signs.get(journeyId) ?? null),
      this.begunAt,
    );
  }

  private sign(journeyId: string, at: Instant): void {
    this.signs.set(journeyId, latest(at, this.signs.get(journeyId) ?? null));
  }

  private saidDone(journeyId: string): void {
    const duty = this.duties.get(journeyId);
    if (duty !== undefined) this.duties.set(journeyId, { ...duty, isSaidDone: true });
  }
}

function picturesOf({ submissions, loosePictures }: ModelJourney): string {
  return `${submissions}.${loosePictures}`;
}
