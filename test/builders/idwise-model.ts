import type { IdwiseEvent, IdwiseEventKind } from '../../src/domain/idwise-event.js';
import { type Instant, later, toMs } from '../../src/domain/instant.js';
import type { JourneySnapshot } from '../../src/domain/journey.js';
import { idwiseEvent } from './customer-story.js';
import { documentOutcome, journeySnapshot } from './journey-snapshot.js';

/** What IDWise finds when it processes the user's steps, AML apart. */
export type Findings = 'good' | 'bad' | 'refused' | 'capture' | 'odd';

/** One journey as it stands at IDWise: everything that the oracle needs to know, and more than a fetch shows. */
export interface ModelJourney {
  readonly journeyId: string;
  readonly startedAt: string;
  readonly personIsOther: boolean;
  /** How often the user has handed in all that was asked for. */
  submissions: number;
  /** Pictures handed in since then, which are not yet all that was asked for. */
  loosePictures: number;
  /** The submission that the present result is about; 0 while there is none. */
  judgedSubmission: number;
  findings: Findings;
  resultNumber: number;
  manual: { word: string; aboutSubmission: number; serial: number } | null;
  redoRequested: boolean;
  /** A renewal that the user has not handed in yet: which submission it replaces, and until when. */
  renewal: { readonly aboutSubmission: number; readonly deadline: Instant; exceededTold: boolean } | null;
  /** When IDWise last came to a result. */
  endTime: Instant | null;
  amlReady: boolean;
  amlVersion: number;
  /** Names the matches; another name is other matches. */
  matches: number;
  openMatches: number;
  faceMatched: boolean | null;
  completionAsked: boolean;
}

export interface ModelOptions {
  readonly customStep: boolean;
  /** IDWise keeps the manual decision while it processes the steps again, and in the result (contract: not said). */
  readonly keepsDecision: boolean;
  /** The matches name their versions. */
  readonly namesVersions: boolean;
  /** The system's decision follows AML. */
  readonly followsAml: boolean;
  /** A journey that is done again has no decision until it has been processed again. */
  readonly reopens: boolean;
  /** What a step had shown is gone while it is processed again; the decision is the one before. */
  readonly clears: boolean;
}

export interface PendingEvent {
  readonly event: IdwiseEvent;
  readonly journeyId: string;
  /** For `Verification Update Required`: the decision that it announces, and which submission that is about. */
  readonly request: { readonly serial: number; readonly aboutSubmission: number } | null;
  /** For the two events of a renewal: which submission is to be renewed, and until when, where the event says so. */
  readonly renewal: { readonly aboutSubmission: number; readonly deadline: Instant | null } | null;
  readonly emittedAt: Instant;
}

/** IDWise asks for a renewal so long before its deadline; the default of the policy is made for it. */
const RENEWAL_GRACE_MS = 30 * 24 * 60 * 60_000;
/** Nobody is asked to renew what was handed in just now (contract §6: days after completion). */
const RENEWAL_AFTER_MS = 2 * 60 * 60_000;

/** A small model of IDWise for one customer (contract §5, §6, §10): journeys, reviews, AML, and the events they give. */
export class IdwiseModel {
  readonly journeys: ModelJourney[] = [];
  readonly pending: PendingEvent[] = [];
  private serial = 0;

  constructor(
    readonly options: ModelOptions,
    /** The time at IDWise. */
    private readonly now: () => Instant,
  ) {}

  start(personIsOther: boolean): ModelJourney {
    const number = this.journeys.length + 1;
    const journey: ModelJourney = {
      journeyId: `journey-${number}`,
      // No two journeys begin at the same moment.
      startedAt: later(this.now(), number),
      personIsOther,
      submissions: 0,
      loosePictures: 0,
      judgedSubmission: 0,
      findings: 'good',
      resultNumber: 0,
      manual: null,
      redoRequested: false,
      renewal: null,
      endTime: null,
      amlReady: false,
      amlVersion: 0,
      matches: 0,
      openMatches: 0,
      faceMatched: null,
      completionAsked: false,
    };
    this.journeys.push(journey);
    return journey;
  }

  find(journeyId: string): ModelJourney | undefined {
    return this.journeys.find((journey) => journey.journeyId === journeyId);
  }

  /** The user hands in one picture of several. */
  handInOne(journey: ModelJourney): void {
    if (!this.takesSteps(journey)) return;
    journey.loosePictures += 1;
    this.emit(journey, 'finished_step');
  }

  /** The user hands in all that is asked for; returns true when there was anything to hand in. */
  handInAll(journey: ModelJourney): boolean {
    if (!this.takesSteps(journey)) return false;
    const isFirst = journey.submissions === 0;
    journey.submissions += 1;
    journey.loosePictures = 0;
    journey.redoRequested = false;
    journey.renewal = null;
    if (isFirst) this.emit(journey, 'finished_user_steps');
    return true;
  }

  /** IDWise has processed what was handed in. */
  process(journey: ModelJourney, findings: Findings): void {
    if (journey.judgedSubmission === journey.submissions) return;
    const isFirst = journey.judgedSubmission === 0;
    if (isFirst && this.options.customStep && !journey.completionAsked) return;
    this.judge(journey, findings);
    if (!isFirst && !this.options.keepsDecision) journey.manual = null;
    if (!isFirst) this.emit(journey, 'updated_journey', { action: 'Step Update' });
    this.emit(journey, 'finished_journey');
  }

  /** Our backend closes the journey with what is there; returns false where IDWise will not. */
  close(journey: ModelJourney): boolean {
    if (journey.completionAsked || journey.judgedSubmission > 0) return false;
    journey.completionAsked = true;
    if (journey.submissions === 0) {
      journey.submissions = 1;
      this.judge(journey, 'bad');
      this.emit(journey, 'finished_journey');
    }
    return true;
  }

  review(journey: ModelJourney, word: 'Approved' | 'Rejected' | 'Resubmission Requested'): void {
    const isProcessing = journey.judgedSubmission !== journey.submissions;
    if (journey.judgedSubmission === 0 || isProcessing || journey.loosePictures > 0) return;
    // What a reviewer wants done again is what failed (contract §3.8).
    if (word === 'Resubmission Requested' && journey.findings === 'good') return;
    this.serial += 1;
    journey.manual = { word, aboutSubmission: journey.submissions, serial: this.serial };
    const isRequest = word === 'Resubmission Requested';
    // Whom a reviewer has rejected IDWise asks for nothing.
    if (word === 'Rejected') journey.renewal = null;
    journey.redoRequested = isRequest || journey.renewal !== null;
    const says = { manualDecision: word };
    this.emit(journey, 'manually_reviewed', says);
    this.emit(journey, 'updated_journey', { ...says, action: 'Manual Review' });
    if (!isRequest) return;
    const requiredSteps = [{ stepId: '0', reasonCode: 'RESUBMIT_BLUR', renewalDeadline: null }];
    this.emit(journey, 'verification_update_required', { ...says, trigger: 'Manual Review', requiredSteps });
  }

  /** A renewal falls due: the user of a passed journey is asked for steps again (contract §6). */
  renew(journey: ModelJourney): void {
    const finalDecision = journey.manual?.word ?? this.systemDecision(journey);
    const isPassed = finalDecision === 'Approved' || finalDecision === 'Complete';
    const { judgedSubmission, submissions, loosePictures, endTime } = journey;
    const isFresh = endTime === null || toMs(this.now()) - toMs(endTime) < RENEWAL_AFTER_MS;
    const isUnderWay = judgedSubmission !== submissions || loosePictures > 0 || journey.renewal !== null;
    if (!isPassed || isFresh || isUnderWay) return;
    journey.redoRequested = true;
    const deadline = later(this.now(), RENEWAL_GRACE_MS);
    journey.renewal = { aboutSubmission: submissions, deadline, exceededTold: false };
    this.emitRenewal(journey, 'verification_update_required', null);
  }

  /** Time has passed: deadlines of renewals may have been missed. */
  passTime(): void {
    for (const journey of this.journeys) {
      const { renewal } = journey;
      if (renewal === null || renewal.exceededTold || toMs(this.now()) < toMs(renewal.deadline)) continue;
      renewal.exceededTold = true;
      this.emitRenewal(journey, 'kyc_renewal_deadline_exceeded', renewal.deadline);
    }
  }

  private emitRenewal(journey: ModelJourney, kind: IdwiseEventKind, deadline: Instant | null): void {
    const requiredSteps = [{ stepId: '0', reasonCode: null, renewalDeadline: deadline }];
    this.emit(journey, kind, { trigger: deadline === null ? 'KYC Renewal' : null, requiredSteps }, deadline);
  }

  makeAmlReady(journey: ModelJourney): void {
    journey.amlReady = true;
  }

  /** Ongoing monitoring finds, loses or changes a match. */
  changeAml(journey: ModelJourney, openMatches: number): void {
    if (journey.judgedSubmission === 0 || !journey.amlReady) return;
    journey.amlVersion += 1;
    journey.matches += 1;
    journey.openMatches = openMatches;
    this.emit(journey, 'aml_monitor_update', { amlVersion: journey.amlVersion });
    this.emit(journey, 'updated_journey', { action: 'AML OGM Update' });
  }

  snapshot(journey: ModelJourney): JourneySnapshot {
    const isOpen = this.systemDecision(journey) === 'Incomplete';
    const isProcessing = journey.judgedSubmission !== journey.submissions;
    const isShown = !isOpen && !(isProcessing && this.options.clears);
    const failed = failedRules(journey);
    return journeySnapshot({
      journeyId: journey.journeyId,
      startTime: journey.startedAt,
      endTime: isOpen ? null : journey.endTime,
      systemDecision: this.systemDecision(journey),
      manualDecision: journey.manual?.word ?? null,
      documents: [documentOutcome({ completed: isShown, passed: isShown })],
      selfie: { status: isShown ? 'Complete' : 'Not Started', live: true, livenessStatusCode: null },
      rules: isOpen
        ? {}
        : {
            unrecognized_document: failed.includes('unrecognized_document') ? 'Failed' : 'Passed',
            under_age: failed.includes('under_age') ? 'Failed' : 'Passed',
            ...(journey.amlReady ? { no_aml_records: journey.openMatches > 0 ? 'Failed' : 'Passed' } : {}),
          },
      governmentFaceMatched: journey.faceMatched,
      aml: {
        applicability: journey.amlReady ? 'Applicable' : 'Not Ready Yet',
        openMatches: journey.openMatches,
        digest: journey.amlReady ? `matches-${journey.matches}` : 'no-search',
        version: this.options.namesVersions && journey.amlVersion > 0 ? journey.amlVersion : null,
      },
      identity: {
        birthDate: !isShown ? null : journey.personIsOther ? 'born-2' : 'born-1',
        personalNumber: null,
        fullName: isShown ? 'name-1' : null,
        documentNumber: null,
        documentExpiry: null,
      },
      userStepsIn: journey.submissions > 0,
      pictures: `${journey.submissions}.${journey.loosePictures}`,
    });
  }

  systemDecision(journey: ModelJourney): string {
    const isProcessing = journey.judgedSubmission !== journey.submissions;
    if (journey.judgedSubmission === 0 || (isProcessing && this.options.reopens)) return 'Incomplete';
    switch (journey.findings) {
      case 'refused':
        return 'Rejected';
      case 'odd':
        return 'Something New';
      case 'bad':
      case 'capture':
        return 'Refer';
      case 'good':
        return journey.openMatches > 0 && this.options.followsAml ? 'Refer' : 'Complete';
    }
  }

  private takesSteps(journey: ModelJourney): boolean {
    if (journey.submissions === 0) return true;
    const isProcessing = journey.judgedSubmission !== journey.submissions;
    if (journey.judgedSubmission === 0 || isProcessing) return false;
    return journey.redoRequested || (journey.findings === 'capture' && journey.manual === null);
  }

  private judge(journey: ModelJourney, findings: Findings): void {
    journey.judgedSubmission = journey.submissions;
    journey.findings = findings;
    journey.resultNumber += 1;
    // No two results bear the same time.
    journey.endTime = later(this.now(), journey.resultNumber);
  }

  private emit(
    journey: ModelJourney,
    kind: IdwiseEventKind,
    says: Partial<IdwiseEvent> = {},
    deadline: Instant | null = null,
  ): void {
    this.serial += 1;
    const { journeyId, renewal } = journey;
    const isOfRenewal = says.trigger === 'KYC Renewal' || kind === 'kyc_renewal_deadline_exceeded';
    this.pending.push({
      event: idwiseEvent(kind, { ...says, journeyId, eventId: `event-${this.serial}` }),
      journeyId,
      request:
        kind === 'verification_update_required' && !isOfRenewal && journey.manual !== null
          ? { ...journey.manual }
          : null,
      renewal:
        isOfRenewal && renewal !== null ? { aboutSubmission: renewal.aboutSubmission, deadline } : null,
      emittedAt: this.now(),
    });
  }
}

/** The rules that fail whatever AML says; the oracle and the snapshot agree on them. */
export function failedRules({ findings }: ModelJourney): readonly string[] {
  if (findings === 'capture') return ['unrecognized_document'];
  return findings === 'bad' || findings === 'refused' ? ['under_age'] : [];
}
