/**
 * IDWise's webhooks as we understand them: every name and old form of the contract (§1.2–1.4), read leniently.
 * A webhook is only a hint that something changed. What is read here is therefore just enough to know where to look,
 * and those facts that stand in no REST answer (which steps to redo, renewal deadlines).
 */

export type IdwiseEventKind =
  | 'finished_step'
  | 'finished_user_steps'
  | 'finished_journey'
  | 'manually_reviewed'
  | 'updated_journey'
  | 'aml_monitor_update'
  | 'verification_update_required'
  | 'kyc_renewal_deadline_exceeded'
  | 'finished_spot_check';

/** A step that IDWise wants done again; `renewalDeadline` stands only in the renewal's event (contract §1.3 F, G). */
export interface RequiredStep {
  readonly stepId: string;
  readonly reasonCode: string | null;
  readonly renewalDeadline: string | null;
}

export interface IdwiseEvent {
  readonly kind: IdwiseEventKind;
  readonly eventId: string | null;
  readonly journeyId: string | null;
  readonly referenceNo: string | null;
  /** The manual decision that the body mentions; tells only that a fetch which does not show it yet lags behind. */
  readonly manualDecision: string | null;
  /** `Updated Journey` only: an open set (contract §1.3 E). */
  readonly action: string | null;
  /** `AML Monitor Update` only; grows by one with each change of this applicant (contract §1.3 D). */
  readonly amlVersion: number | null;
  /** `Verification Update Required` only: `KYC Renewal` or a reviewer's request. */
  readonly trigger: string | null;
  readonly requiredSteps: readonly RequiredStep[];
}

export type ReadEvent =
  | { readonly kind: 'event'; readonly event: IdwiseEvent }
  | {
      readonly kind: 'not_understood';
      readonly reason: 'no_event_name' | 'unknown_event';
      readonly eventId: string | null;
      readonly journeyId: string | null;
      readonly referenceNo: string | null;
    };

const KIND_BY_NAME: ReadonlyMap<string, IdwiseEventKind> = new Map(
  Object.entries({
    'finished step': 'finished_step',
    'step submitted': 'finished_step',
    'finished user steps': 'finished_user_steps',
    'finished journey': 'finished_journey',
    'manually reviewed': 'manually_reviewed',
    'manual review': 'manually_reviewed',
    'updated journey': 'updated_journey',
    'aml monitor update': 'aml_monitor_update',
    'aml monior update': 'aml_monitor_update',
    'verification update required': 'verification_update_required',
    'kyc renewal deadline exceeded': 'kyc_renewal_deadline_exceeded',
    'finished spot check': 'finished_spot_check',
    'finished ongoing check': 'finished_spot_check',
  } satisfies Record<string, IdwiseEventKind>),
);

const LONGEST_TEXT = 256;
const MOST_STEPS = 50;

/**
 * Takes a webhook's parsed JSON, whatever it is; returns the event, or why it is not understood together with the
 * ids that could still be read, so that a parked event can be found by them.
 */
export function readIdwiseEvent(json: unknown): ReadEvent {
  const envelope = asRecord(json);
  const body = asRecord(envelope['body']);
  const ids = {
    eventId: text(body['eventId']) ?? text(envelope['eventId']),
    journeyId: text(body['journeyId']),
    referenceNo: text(body['referenceNo']),
  };
  const name = text(envelope['event']);
  if (name === null) return { kind: 'not_understood', reason: 'no_event_name', ...ids };
  const kind = KIND_BY_NAME.get(name.toLowerCase().replace(/\s+/g, ' '));
  if (kind === undefined) return { kind: 'not_understood', reason: 'unknown_event', ...ids };
  return {
    kind: 'event',
    event: {
      kind,
      ...ids,
      manualDecision: text(body['manualDecision']),
      action: kind === 'updated_journey' ? text(body['action']) : null,
      amlVersion: kind === 'aml_monitor_update' ? wholeNumber(body['updatedAMLVersionNumber']) : null,
      trigger: kind === 'verification_update_required' ? text(body['trigger']) : null,
      requiredSteps: requiredSteps(body['requiredSteps']),
    },
  };
}

function requiredSteps(value: unknown): RequiredStep[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST_STEPS).flatMap((entry: unknown) => {
    const step = asRecord(entry);
    const stepId = text(step['stepId']);
    if (stepId === null) return [];
    return [
      { stepId, reasonCode: text(step['reasonCode']), renewalDeadline: instant(step['renewalDeadline']) },
    ];
  });
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** Ids come as text, step ids sometimes as numbers (contract §1.3 I); empty text means absent. */
function text(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return trimmed === '' || trimmed.length > LONGEST_TEXT ? null : trimmed;
}

/** The version is a number in the contract, printed as `**1**` in its sample; text with one number in it will do. */
function wholeNumber(value: unknown): number | null {
  const digits =
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value.replace(/\*/g, '') : '';
  return /^\d{1,9}$/.test(digits.trim()) ? Number(digits) : null;
}

/** Times without a zone are in UTC (contract §11 row 28), wherever this runs; what is not ISO 8601 is no time. */
function instant(value: unknown): string | null {
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/i.exec(
    text(value) ?? '',
  );
  if (parts === null) return null;
  const [, date, time = '00:00', zone = 'Z'] = parts;
  const ms = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
