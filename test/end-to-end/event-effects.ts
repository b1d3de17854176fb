import type { Access, Status } from '../../src/domain/policy.js';

/**
 * Every form of event that IDWise's contract knows (§1.2–1.4, and the old ones), with its effect in the profile view.
 * `event-effects.test.ts` plays each of them over HTTP; `tools/docs` holds the table of docs/events.md against it. The
 * events are sent one by one, with IDWise's own webhooks turned off, so that the effect is that of the event alone.
 */

/** What stands at IDWise and with us when the event comes; `before` is the status in the view, null: no profile yet. */
export const GIVEN = {
  registered: { before: 'created', says: 'registered; the SDK has started a journey' },
  in_sdk: { before: 'in_progress', says: 'in the SDK' },
  steps_in: { before: 'in_progress', says: 'through with the steps; IDWise is at work' },
  passed: { before: 'in_progress', says: 'passed at IDWise' },
  passed_early: { before: null, says: 'passed at IDWise; not registered' },
  referred: { before: 'under_review', says: 'referred' },
  hand_approved: { before: 'under_review', says: 'referred, then approved by hand' },
  hand_rejected: { before: 'under_review', says: 'referred, then rejected by hand' },
  hand_returned: { before: 'under_review', says: 'referred, then asked by hand to redo' },
  redone: { before: 'resubmission_required', says: 'asked to redo, and has' },
  cleared: { before: 'under_review', says: 'under review for a match, which is gone since' },
  listed: { before: 'approved', says: 'approved, then a new match' },
  approved: { before: 'approved', says: 'approved' },
  renewing: { before: 'approved', says: 'asked to renew' },
  renewed_in_time: { before: 'approved', says: 'asked to renew, which shows, and has' },
  overdue: { before: 'suspended', says: 'suspended for a renewal' },
  renewed_doubtfully: { before: 'suspended', says: 'suspended for a renewal, and has renewed with a fault' },
  renewed_late: { before: 'suspended', says: 'suspended for a renewal, and has renewed' },
} as const satisfies Record<string, { before: Status | null; says: string }>;

export type Given = keyof typeof GIVEN;

/** Whom the event is about; `newEventId` gives one id after the other. */
export interface Subject {
  readonly referenceNo: string;
  readonly journeyId: string;
  newEventId(): string;
}

/** The view after it, in what an event can change; `unchanged`: not a character of it, the version included. */
export type After = 'unchanged' | ViewAfter;

export interface ViewAfter {
  readonly status: Status;
  readonly access: Access;
  /** Action, step where one is named, and the code of the reason where there is one. */
  readonly nextSteps: readonly string[];
  readonly due: Due;
}

/** No due date; one that we reckon by the policy; the deadline that the event names. */
export type Due = 'none' | 'reckoned' | typeof DEADLINE;

/** The deadline that these events name, in the form of our views. */
export const DEADLINE = '2026-01-15T00:00:00.000Z';

export interface Envelope {
  readonly event: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface EventEffect {
  /** As the contract writes it. */
  readonly event: string;
  /** What sets this form apart. */
  readonly form: string;
  readonly given: Given;
  readonly envelopes: (subject: Subject) => readonly Envelope[];
  readonly after: After;
  /** How many mails about watch lists compliance gets at once; that a match is gone is told by a digest. */
  readonly mails: number;
  /** The event is kept and not understood. */
  readonly isParked: boolean;
}

type Body = Readonly<Record<string, unknown>>;
type Form = readonly [
  form: string,
  given: Given,
  body: (subject: Subject) => Body,
  after: After,
  mails?: number,
];

const ids = ({ referenceNo, journeyId, newEventId }: Subject): Body => ({
  eventId: newEventId(),
  journeyId,
  referenceNo,
});
const withoutEventId = ({ referenceNo, journeyId }: Subject): Body => ({ journeyId, referenceNo });
const withoutReference = ({ journeyId, newEventId }: Subject): Body => ({ eventId: newEventId(), journeyId });
const decided = (systemDecision: string, manualDecision: string | null = null): Body => ({
  systemDecision,
  manualDecision,
  finalDecision: manualDecision ?? systemDecision,
});

const view = (status: Status, access: Access, ...nextSteps: readonly string[]): ViewAfter => ({
  status,
  access,
  nextSteps,
  due: 'none',
});
const reckoned = (after: ViewAfter): ViewAfter => ({ ...after, due: 'reckoned' });

const IN_PROGRESS = view('in_progress', 'none', 'continue_verification');
const PENDING = view('pending_verification', 'limited');
const APPROVED = view('approved', 'full');
const REJECTED = view('rejected', 'none');
const REDO = reckoned(view('resubmission_required', 'limited', 'redo_step 0 resubmit_blur'));
const REDO_UNNAMED = reckoned(view('resubmission_required', 'limited', 'redo_step redo_step'));
const RENEW = reckoned(view('approved', 'full', 'renew_step 0 document_expired'));
const RENEW_NEUTRALLY = reckoned(view('approved', 'full', 'renew_step 0 renew_step'));
const SUSPENDED: ViewAfter = { ...view('suspended', 'none', 'renew_step 0 document_expired'), due: DEADLINE };
const SUSPENDED_BY_THE_POLICY = reckoned(SUSPENDED);
const SUSPENDED_NEUTRALLY: ViewAfter = {
  ...view('suspended', 'none', 'renew_step 0 renew_step'),
  due: DEADLINE,
};

const toRedo = { requiredSteps: [{ stepId: '0', reasonCode: 'RESUBMIT_BLUR' }] };
const toRenew = { requiredSteps: [{ stepId: '0', reasonCode: 'DOCUMENT_EXPIRED' }] };
const exceeded = { requiredSteps: [{ stepId: '0', renewalDeadline: '2026-01-15T00:00:00Z' }] };
const returned = 'Resubmission Requested';

function formsOf(event: string, ...forms: readonly Form[]): EventEffect[] {
  return forms.map(([form, given, body, after, mails = 0]) => ({
    event,
    form,
    given,
    envelopes: (subject) => [{ event, body: body(subject) }],
    after,
    mails,
    isParked: false,
  }));
}

export const EVENT_EFFECTS: readonly EventEffect[] = [
  ...formsOf(
    'Finished Step',
    [
      'of a document’s side',
      'registered',
      (of) => ({ ...ids(of), stepId: '0', stepType: 'Document' }),
      IN_PROGRESS,
    ],
    ['of a selfie', 'in_sdk', (of) => ({ ...ids(of), stepId: '1', stepType: 'Selfie' }), 'unchanged'],
    [
      'numeric step id, members that nobody knows',
      'in_sdk',
      (of) => ({ ...ids(of), stepId: 0, more: { a: [1] } }),
      'unchanged',
    ],
  ),
  {
    event: 'Finished Step',
    form: 'both sides of a document, one event each',
    given: 'registered',
    envelopes: (of) =>
      [1, 2].map(() => ({ event: 'Finished Step', body: { ...ids(of), stepId: '0', stepType: 'Document' } })),
    after: IN_PROGRESS,
    mails: 0,
    isParked: false,
  },
  ...formsOf('Step Submitted', [
    'its predecessor, without event id',
    'registered',
    (of) => ({ ...withoutEventId(of), stepId: '1', stepType: 'Document' }),
    IN_PROGRESS,
  ]),
  ...formsOf(
    'Finished User Steps',
    ['of today', 'steps_in', (of) => ({ ...ids(of), systemDecision: 'Incomplete' }), PENDING],
    [
      'of 2023, without event id',
      'steps_in',
      (of) => ({ ...withoutEventId(of), ...decided('Incomplete') }),
      PENDING,
    ],
    [
      'after the result, in wrong order',
      'passed',
      (of) => ({ ...ids(of), systemDecision: 'Incomplete' }),
      APPROVED,
    ],
  ),
  ...formsOf(
    'Finished Journey',
    ['of today', 'passed', (of) => ({ ...ids(of), systemDecision: 'Complete' }), APPROVED],
    [
      'early: the common payload, with event id',
      'passed',
      (of) => ({ ...ids(of), ...decided('Complete') }),
      APPROVED,
    ],
    [
      'of 2023: the common payload',
      'passed',
      (of) => ({ ...withoutEventId(of), ...decided('Complete') }),
      APPROVED,
    ],
    [
      'of 2022: without manual decision',
      'passed',
      (of) => ({ ...withoutEventId(of), systemDecision: 'Complete', finalDecision: 'Complete' }),
      APPROVED,
    ],
    ['reference number `null`', 'passed', (of) => ({ ...ids(of), referenceNo: null }), APPROVED],
    ['reference number missing', 'passed', withoutReference, APPROVED],
    ['reference number empty', 'passed', (of) => ({ ...ids(of), referenceNo: ' ' }), APPROVED],
    ['reference number that no profile has', 'passed_early', ids, APPROVED],
    ['no reference number, and no profile', 'passed_early', withoutReference, APPROVED],
    [
      'claims a decision that IDWise does not show',
      'referred',
      (of) => ({ ...ids(of), ...decided('Complete') }),
      'unchanged',
    ],
    ['after a manual decision', 'hand_approved', (of) => ({ ...ids(of), systemDecision: 'Refer' }), APPROVED],
    [
      'after a renewal, in time',
      'renewed_in_time',
      (of) => ({ ...ids(of), systemDecision: 'Complete' }),
      APPROVED,
    ],
    [
      'after a renewal, too late',
      'renewed_late',
      (of) => ({ ...ids(of), systemDecision: 'Complete' }),
      APPROVED,
    ],
    [
      'while the renewal is not done',
      'overdue',
      (of) => ({ ...ids(of), systemDecision: 'Complete' }),
      'unchanged',
    ],
    [
      'after a renewal that IDWise refers',
      'renewed_doubtfully',
      (of) => ({ ...ids(of), systemDecision: 'Refer' }),
      view('suspended', 'none'),
    ],
  ),
  ...formsOf('FINISHED  journey', ['in other case and spacing', 'passed', ids, APPROVED]),
  ...formsOf(
    'Manually Reviewed',
    ['`Approved`', 'hand_approved', (of) => ({ ...ids(of), ...decided('Refer', 'Approved') }), APPROVED],
    ['`Rejected`', 'hand_rejected', (of) => ({ ...ids(of), ...decided('Refer', 'Rejected') }), REJECTED],
    [
      'of 2023, without event id',
      'hand_approved',
      (of) => ({ ...withoutEventId(of), ...decided('Refer', 'Approved') }),
      APPROVED,
    ],
    ['of 2022, without manual decision', 'hand_approved', withoutEventId, APPROVED],
    [
      '`Resubmission Requested`',
      'hand_returned',
      (of) => ({ ...ids(of), ...decided('Refer', returned) }),
      REDO_UNNAMED,
    ],
    [
      'claims a decision that IDWise does not show',
      'referred',
      (of) => ({ ...ids(of), ...decided('Refer', 'Approved') }),
      'unchanged',
    ],
  ),
  ...formsOf('Manual Review', [
    'the name in other tools',
    'hand_rejected',
    (of) => ({ ...ids(of), ...decided('Refer', 'Rejected') }),
    REJECTED,
  ]),
  ...formsOf(
    'Updated Journey',
    [
      'action `Step Update`',
      'redone',
      (of) => ({ ...ids(of), ...decided('Complete'), action: 'Step Update' }),
      APPROVED,
    ],
    [
      'action `Step Update`, of a renewal',
      'renewed_late',
      (of) => ({ ...ids(of), ...decided('Complete'), action: 'Step Update' }),
      APPROVED,
    ],
    [
      'action `AML Amend`',
      'cleared',
      (of) => ({ ...ids(of), ...decided('Complete'), action: 'AML Amend' }),
      APPROVED,
    ],
    [
      'action `AML Amend`, after the approval',
      'listed',
      (of) => ({ ...ids(of), ...decided('Refer'), action: 'AML Amend' }),
      'unchanged',
      1,
    ],
    [
      'action `AML OGM Update`',
      'listed',
      (of) => ({ ...ids(of), ...decided('Refer'), action: 'AML OGM Update' }),
      'unchanged',
      1,
    ],
    [
      'action `Manual Review`, approved',
      'hand_approved',
      (of) => ({
        ...ids(of),
        ...decided('Refer', 'Approved'),
        action: 'Manual Review',
        manualReviewDetails: { journeyReviewDecision: 'Approved', reasonCode: 'OK', stepReviews: [] },
      }),
      APPROVED,
    ],
    [
      'action `Manual Review`, to be redone',
      'hand_returned',
      (of) => ({ ...ids(of), ...decided('Refer', returned), action: 'Manual Review' }),
      REDO_UNNAMED,
    ],
    [
      'an action that nobody knows',
      'hand_approved',
      (of) => ({ ...ids(of), ...decided('Refer', 'Approved'), action: 'AML Match Reviewed' }),
      APPROVED,
    ],
    [
      'without an action',
      'hand_rejected',
      (of) => ({ ...ids(of), ...decided('Refer', 'Rejected') }),
      REJECTED,
    ],
  ),
  ...formsOf(
    'AML Monitor Update',
    [
      'of today',
      'listed',
      (of) => ({
        ...ids(of),
        systemDecision: 'Refer',
        previousSystemDecision: 'Complete',
        updatedAMLVersionNumber: 1,
      }),
      'unchanged',
      1,
    ],
    ['version as `"1"`', 'listed', (of) => ({ ...ids(of), updatedAMLVersionNumber: '1' }), 'unchanged', 1],
    [
      'version as `"**1**"`',
      'listed',
      (of) => ({ ...ids(of), updatedAMLVersionNumber: '**1**' }),
      'unchanged',
      1,
    ],
    [
      'of 2023, without event id and version',
      'listed',
      (of) => ({ ...withoutEventId(of), ...decided('Refer') }),
      'unchanged',
      1,
    ],
    [
      'before the approval',
      'cleared',
      (of) => ({
        ...ids(of),
        systemDecision: 'Complete',
        previousSystemDecision: 'Refer',
        updatedAMLVersionNumber: 1,
      }),
      APPROVED,
    ],
  ),
  ...formsOf('AML Monior Update', [
    'misspelt',
    'listed',
    (of) => ({ ...ids(of), updatedAMLVersionNumber: 1 }),
    'unchanged',
    1,
  ]),
  {
    event: 'AML Monitor Update',
    form: 'and `Updated Journey` for the same change',
    given: 'listed',
    envelopes: (of) => [
      { event: 'Updated Journey', body: { ...ids(of), ...decided('Refer'), action: 'AML OGM Update' } },
      { event: 'AML Monitor Update', body: { ...ids(of), updatedAMLVersionNumber: 1 } },
    ],
    after: 'unchanged',
    mails: 1,
    isParked: false,
  },
  ...formsOf(
    'Verification Update Required',
    [
      'trigger `Manual Review`',
      'hand_returned',
      (of) => ({ ...ids(of), ...decided('Refer', returned), trigger: 'Manual Review', ...toRedo }),
      REDO,
    ],
    [
      'no trigger, numeric step id',
      'hand_returned',
      (of) => ({ ...ids(of), requiredSteps: [{ stepId: 0, reasonCode: 'RESUBMIT_BLUR' }] }),
      REDO,
    ],
    [
      'without event id',
      'hand_returned',
      (of) => ({ ...withoutEventId(of), trigger: 'Manual Review', ...toRedo }),
      REDO,
    ],
    ['without steps', 'hand_returned', (of) => ({ ...ids(of), trigger: 'Manual Review' }), REDO_UNNAMED],
    [
      'of steps that are in already',
      'redone',
      (of) => ({ ...ids(of), trigger: 'Manual Review', ...toRedo }),
      APPROVED,
    ],
    [
      'trigger `KYC Renewal`',
      'approved',
      (of) => ({ ...ids(of), ...decided('Complete'), trigger: 'KYC Renewal', ...toRenew }),
      RENEW,
    ],
    [
      'trigger `KYC Renewal`, a reason that is not on the list',
      'approved',
      (of) => ({
        ...ids(of),
        trigger: 'KYC Renewal',
        requiredSteps: [{ stepId: 0, reasonCode: 'AML_RECHECK' }],
      }),
      RENEW_NEUTRALLY,
    ],
    [
      'trigger `KYC Renewal`, without reference number',
      'approved',
      (of) => ({ ...withoutReference(of), trigger: 'KYC Renewal', ...toRenew }),
      RENEW,
    ],
  ),
  ...formsOf(
    'KYC Renewal Deadline Exceeded',
    ['after the request', 'renewing', (of) => ({ ...ids(of), ...exceeded }), SUSPENDED],
    ['the request never came', 'approved', (of) => ({ ...ids(of), ...exceeded }), SUSPENDED_NEUTRALLY],
    [
      'without event id, day as deadline, numeric step id',
      'renewing',
      (of) => ({ ...withoutEventId(of), requiredSteps: [{ stepId: 0, renewalDeadline: '2026-01-15' }] }),
      SUSPENDED,
    ],
    ['without steps', 'renewing', ids, SUSPENDED_BY_THE_POLICY],
  ),
  ...formsOf(
    'Finished Spot Check',
    [
      'bears no journey: all are fetched',
      'hand_rejected',
      ({ referenceNo, newEventId }) => ({
        eventId: newEventId(),
        referenceNo,
        systemDecision: 'Complete',
        spotCheckJourneyId: newEventId(),
      }),
      REJECTED,
    ],
    [
      'of an approved customer',
      'approved',
      ({ referenceNo, newEventId }) => ({
        eventId: newEventId(),
        referenceNo,
        systemDecision: 'Refer',
        spotCheckJourneyId: newEventId(),
      }),
      'unchanged',
    ],
  ),
  ...formsOf('Finished spot Check', [
    'as one table of IDWise writes it',
    'hand_approved',
    ({ referenceNo, newEventId }) => ({
      eventId: newEventId(),
      referenceNo,
      spotCheckJourneyId: newEventId(),
    }),
    APPROVED,
  ]),
  ...formsOf('Finished Ongoing Check', [
    'its predecessor, with the journey',
    'hand_approved',
    (of) => ({ ...ids(of), systemDecision: 'Complete', ongoingCheckId: of.newEventId() }),
    APPROVED,
  ]),
  ...formsOf('Updated Case', ['an event that nobody knows', 'hand_approved', ids, 'unchanged']).map(
    (form) => ({
      ...form,
      isParked: true,
    }),
  ),
];

/** What the app reports, with its effect in the view at once. */
export interface ReportEffect {
  readonly report: 'started' | 'completed' | 'cancelled';
  readonly given: Given;
  readonly after: After;
}

export const REPORT_EFFECTS: readonly ReportEffect[] = [
  { report: 'started', given: 'registered', after: IN_PROGRESS },
  { report: 'started', given: 'hand_approved', after: APPROVED },
  { report: 'completed', given: 'steps_in', after: PENDING },
  { report: 'completed', given: 'referred', after: 'unchanged' },
  { report: 'cancelled', given: 'in_sdk', after: IN_PROGRESS },
  { report: 'cancelled', given: 'approved', after: 'unchanged' },
];

/** Takes an effect; returns its row of the table in docs/events.md. */
export function eventRow({ event, form, given, after, mails, isParked }: EventEffect): string {
  const also = [...(mails > 0 ? ['a mail to compliance'] : []), ...(isParked ? ['the event is parked'] : [])];
  return `| \`${event}\` | ${form} | ${GIVEN[given].says} | ${[viewBefore(given), viewText(after)].join(' → ')}${also.map((each) => `; ${each}`).join('')} |`;
}

/** Takes an effect; returns its row of the table of the app's reports in docs/events.md. */
export function reportRow({ report, given, after }: ReportEffect): string {
  return `| journey ${report} | ${GIVEN[given].says} | ${[viewBefore(given), viewText(after)].join(' → ')} |`;
}

const DUE_TEXTS: Readonly<Record<Due, readonly string[]>> = {
  none: [],
  reckoned: ['due by the policy'],
  [DEADLINE]: ['due at the deadline'],
};

function viewBefore(given: Given): string {
  const { before } = GIVEN[given];
  return before === null ? 'no profile' : `\`${before}\``;
}

function viewText(after: After): string {
  if (after === 'unchanged') return 'unchanged';
  const steps = after.nextSteps.map((step) => `\`${step}\``);
  return [`\`${after.status}\``, ...steps, ...DUE_TEXTS[after.due]].join(', ');
}
