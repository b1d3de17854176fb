import { type DeliveryView, SimulatorControl } from '../../simulator/control-client.js';
import { auditRecord } from '../../src/audit/audit-record.js';
import { findingLine } from '../../src/audit/finding.js';
import { verifyChain } from '../../src/audit/verify-chain.js';
import { hashOfLast } from '../../src/store/audit-chain.js';
import type { InboxRow } from '../../src/store/inbox-records.js';
import type { OutboxRow } from '../../src/store/outbox-records.js';
import type { AuditRow, ProfileRow } from '../../src/store/records.js';
import { eventually } from '../eventually.js';
import { mailTrouble } from './mail-ledger.js';
import type { SeenMail } from './mailbox.js';
import type { Product } from './product.js';

/** Everything that went in and everything that came out, written down by both sides, to be compared afterwards. */
export interface Ledger {
  readonly deliveries: readonly DeliveryView[];
  readonly journeys: readonly SimulatedJourney[];
  readonly calls: readonly SimulatedCall[];
  readonly told: readonly CompanyEvent[];
  readonly mails: readonly SeenMail[];
  readonly inbox: readonly InboxRow[];
  readonly profiles: readonly ProfileRow[];
  readonly audit: readonly AuditRow[];
  readonly outbox: readonly OutboxRow[];
  /** Whether the service wants the comparison with the government's face before it approves. */
  readonly wantsFace: boolean;
}

/** What IDWise itself holds of a journey. */
export interface SimulatedJourney {
  readonly journeyId: string;
  readonly referenceNo: string | null;
  readonly systemDecision: string;
  readonly manualDecision: string | null;
  readonly customStep: { readonly face: { readonly compared: boolean } | null } | null;
  readonly faceMatched: boolean;
  readonly completionRequested: boolean;
  readonly aml: {
    readonly version: number;
    readonly matches: readonly { readonly datasets: readonly string[] }[];
  } | null;
}

export interface SimulatedCall {
  readonly atMs: number;
  readonly endpoint: string;
  readonly journeyId: string | null;
  readonly status: number | null;
  readonly fault: string | null;
}

export interface CompanyEvent {
  readonly atMs: number;
  readonly webhookId: string | null;
  readonly verified: boolean;
  readonly body: {
    readonly data: {
      readonly referenceNo: string;
      readonly status: string;
      readonly access: string;
      readonly version: number;
    };
  };
}

/**
 * Waits until every webhook, event and message has come to its end, then reads the ledger.
 * @throws when something is still open after the time limit in milliseconds; the text names what.
 */
export async function settledLedger(
  product: Product,
  mails: readonly SeenMail[] | (() => Promise<readonly SeenMail[]>),
): Promise<Ledger> {
  const { store } = product;
  const control = new SimulatorControl(product.simulator.url);
  let open: unknown = 'MongoDB does not answer';
  await eventually(
    () =>
      `every webhook sent, every event processed, every message settled; open: ${JSON.stringify(open, null, 1)}`,
    async () => {
      const webhooks = (await control.deliveries()).filter(({ state }) => state === 'pending');
      const events = await store.inbox
        .find({ state: { $in: ['received', 'signalled'] } }, { projection: { raw: 0, event: 0 } })
        .toArray();
      const messages = await store.outbox.find({ state: 'pending' }).toArray();
      open = { webhooks, events, messages };
      return webhooks.length + events.length + messages.length === 0 ? true : undefined;
    },
  );
  const list = async <T>(path: string, member: string) => (await control.call('GET', path))[member] as T[];
  return {
    deliveries: await control.deliveries(),
    journeys: await list<SimulatedJourney>('/sim/journeys', 'journeys'),
    calls: await list<SimulatedCall>('/sim/calls', 'calls'),
    told: await list<CompanyEvent>('/sim/company/events', 'events'),
    mails: typeof mails === 'function' ? await mails() : mails,
    inbox: await store.inbox.find({}, { projection: { raw: 0 } }).toArray(),
    profiles: await store.profiles.find().toArray(),
    audit: await store.audit.find().sort({ referenceNo: 1, sequence: 1 }).toArray(),
    outbox: await store.outbox.find().toArray(),
    wantsFace: product.environment['IDWISE_CUSTOM_STEP_ID'] !== undefined,
  };
}

/** Takes the ledger; returns one sentence for each way in which it does not add up, none when nothing was lost or doubled. */
export function discrepancies(ledger: Ledger): readonly string[] {
  return [
    ...eventsWithoutEffect(ledger),
    ...auditTrouble(ledger),
    ...recordTrouble(ledger),
    ...toldTrouble(ledger),
    ...mailTrouble(ledger),
    ...callTrouble(ledger),
    ...statusTrouble(ledger),
  ];
}

/** Takes the ledger; returns it in one line of counts. */
export function summary(ledger: Ledger): string {
  const attempts = ledger.deliveries.reduce((sum, delivery) => sum + delivery.attempts.length, 0);
  const changes = ledger.audit.filter(isStatusChange).length;
  return [
    `${ledger.profiles.length} customers`,
    `${ledger.deliveries.length} webhooks in ${attempts} attempts`,
    `${ledger.inbox.length} inbox rows`,
    `${ledger.audit.length} audit records`,
    `${changes} status changes`,
    `${ledger.told.length} company events`,
    `${ledger.mails.length} mails`,
    `${ledger.calls.length} calls to IDWise`,
  ].join(', ');
}

/** What IDWise was told is durable must stand in the inbox, and must have come to an end with an effect. */
function eventsWithoutEffect({ deliveries, inbox }: Ledger): string[] {
  const rows = new Map(inbox.map((row) => [row._id, row]));
  const promised = deliveries.filter((delivery) =>
    delivery.attempts.some((attempt) => attempt.status === 200),
  );
  const lost = promised.flatMap(({ event, eventId }) => {
    const row = rows.get(`idwise:${eventId}`);
    return row === undefined ? [`${event} ${eventId} was answered 200 and is in no inbox`] : [];
  });
  const undelivered = deliveries
    .filter((delivery) => delivery.state !== 'delivered')
    .map(({ event, eventId, state }) => `${event} ${eventId} is ${state} at IDWise`);
  const unprocessed = inbox
    .filter((row) => row.state !== 'processed')
    .map((row) => `${row._id} (${row.kind}) is ${row.state} (${row.parkReason})`);
  return [...lost, ...undelivered, ...unprocessed];
}

/** Effects that the company is told of although the customer's status stays. */
const TOLD_WITHOUT_CHANGE: ReadonlySet<string> = new Set(['renewal_asked', 'reminded']);

/** One audit record per effect, numbered without a gap, and the status changes follow one from the other. */
function auditTrouble({ audit, profiles, outbox }: Ledger): string[] {
  return profiles.flatMap((profile) => {
    const records = audit.filter((record) => record.referenceNo === profile._id);
    const numbers = records.map((record) => record.sequence);
    const isContiguous = numbers.every((number, index) => number === index + 1);
    const isComplete = numbers.length === profile.auditSequence;
    const changes = records.filter(isStatusChange);
    const told = records.filter((record) => isStatusChange(record) || TOLD_WITHOUT_CHANGE.has(record.effect));
    const messages = outbox.filter(
      (row) => row.referenceNo === profile._id && row.message.channel === 'company_webhook',
    );
    const states = ['created/none', ...changes.map((record) => standing(record.to))];
    const broken = changes.filter(
      (record, index) => standing(record.from) !== states[index] || states[index] === states[index + 1],
    );
    const end = standing(profile.view);
    return [
      ...(isContiguous && isComplete ? [] : [`${profile._id}: audit numbers ${numbers.join(' ')}`]),
      ...broken.map((record) => `${profile._id}: change ${record.sequence} does not follow from the last`),
      ...(states.at(-1) === end
        ? []
        : [`${profile._id}: audit ends at ${states.at(-1)}, the view at ${end}`]),
      ...(messages.length === told.length
        ? []
        : [`${profile._id}: ${told.length} effects to tell, but ${messages.length} messages to the company`]),
    ];
  });
}

/** What shows in the profile has exactly one record that says so, and every chain of records is whole. */
function recordTrouble({ audit, profiles }: Ledger): string[] {
  return profiles.flatMap((profile) => {
    const { _id, facts, details, customerId, auditSequence } = profile;
    const own = audit.filter((record) => record.referenceNo === _id);
    const of = (...kinds: string[]) => own.filter(({ effect }) => kinds.includes(effect.split(':')[0] ?? ''));
    const findings = verifyChain({
      referenceNo: _id,
      records: own.map(auditRecord),
      head: { sequence: auditSequence, hash: hashOfLast(profile) },
      attested: [],
    });
    const saved = Object.fromEntries(of('details_saved').map(({ to }) => savedDetails(to)));
    const isApproved = of('approval_recorded', 'approval_ended')
      .at(-1)
      ?.effect.startsWith('approval_recorded');
    const registrations = of('customer_registered').length;
    return [
      ...findings.map(findingLine),
      ...(registrations === (customerId === undefined ? 0 : 1)
        ? []
        : [`${_id}: ${registrations} records of its registration`]),
      ...(JSON.stringify(Object.entries(saved).sort()) === JSON.stringify(Object.entries(details).sort())
        ? []
        : [`${_id}: the details that it has are not those that are on record`]),
      ...((isApproved ?? false) === (facts.approval !== null)
        ? []
        : [`${_id}: whether it is approved is not what is on record`]),
    ];
  });
}

function savedDetails(to: unknown): [string, string] {
  const { journeyId, answerId } = to as { journeyId: string; answerId: string };
  return [journeyId, answerId];
}

/** Every change is told, each version under one webhook-id and each id for one version, no status twice in a row. */
function toldTrouble({ told, outbox, profiles }: Ledger): string[] {
  const idsOf = grouped(told, ({ body }) => `${body.data.referenceNo} v${body.data.version}`, webhookIdOf);
  const changesOf = grouped(told, webhookIdOf, ({ body }) => JSON.stringify(body.data));
  const received = new Set(told.map(webhookIdOf));
  const untold = outbox.filter(
    (row) =>
      row.message.channel === 'company_webhook' && !(row.state === 'delivered' && received.has(row._id)),
  );
  const repeated = profiles.flatMap(({ _id }) => {
    const versions = new Map(
      told
        .filter(({ body }) => body.data.referenceNo === _id)
        .map(({ body }) => [body.data.version, standing(body.data)]),
    );
    const inOrder = [...versions].sort(([a], [b]) => a - b).map(([, status]) => status);
    return inOrder.some((status, index) => index > 0 && status === inOrder[index - 1])
      ? [`${_id} was told ${inOrder.join(', ')}`]
      : [];
  });
  return [
    ...told.filter((event) => !event.verified).map((event) => `${event.webhookId} is badly signed`),
    ...ambiguous(idsOf).map(([version, ids]) => `${version} was told under ${ids.length} webhook-ids`),
    ...ambiguous(changesOf).map(([id, changes]) => `${id} stands for ${changes.join(' and ')}`),
    ...untold.map(
      (row) => `${row._id} is ${row.state} and was ${received.has(row._id) ? '' : 'not '}received`,
    ),
    ...repeated,
  ];
}

const ONCE_PER_JOURNEY = ['process-custom-journey-step', 'complete-custom-step', 'complete-journey'];

/** What IDWise may not be known to tolerate twice took effect at most once, and the custom step came to its end. */
function callTrouble({ calls, journeys }: Ledger): string[] {
  return journeys.flatMap(({ journeyId, customStep, completionRequested }) => [
    ...ONCE_PER_JOURNEY.flatMap((endpoint) => {
      const effective = calls.filter(
        (call) =>
          call.journeyId === journeyId &&
          call.endpoint === endpoint &&
          (call.status === 200 || call.fault === 'timeout-after-effect'),
      );
      return effective.length > 1 ? [`${journeyId}: ${endpoint} took effect ${effective.length} times`] : [];
    }),
    ...(customStep !== null && !completionRequested ? [`${journeyId}: the custom step is still open`] : []),
  ]);
}

/** What the customer is told at the end is what IDWise says at the end. */
function statusTrouble({ profiles, journeys, wantsFace }: Ledger): string[] {
  return profiles.flatMap(({ _id, view }) => {
    const own = journeys.filter((journey) => journey.referenceNo === _id);
    const [journey] = own;
    if (journey === undefined || own.length > 1) return [`${_id} has ${own.length} journeys at IDWise`];
    const expected = statusByIdwise(journey, wantsFace);
    return view.status === expected
      ? []
      : [`${_id} is ${view.status}, but its journey at IDWise says ${expected}`];
  });
}

/** Takes a journey as IDWise holds it; returns the status that the table of statuses gives it at the end. */
function statusByIdwise(journey: SimulatedJourney, wantsFace: boolean): string {
  if (isSanctioned(journey)) return 'suspended';
  if (journey.manualDecision === 'Approved') return 'approved';
  if (journey.manualDecision === 'Rejected') return 'rejected';
  // In these stories the watch lists change only after the approval, which then stands.
  if ((journey.aml?.version ?? 0) > 0) return 'approved';
  if (journey.systemDecision === 'Rejected') return 'rejected';
  const { customStep, faceMatched } = journey;
  const hasFace = !wantsFace || (customStep?.face?.compared === true && faceMatched);
  return journey.systemDecision === 'Complete' && hasFace ? 'approved' : 'under_review';
}

/** Nobody at the desk lifts a hold in these stories. */
function isSanctioned({ aml }: SimulatedJourney): boolean {
  return (aml?.matches ?? []).some(({ datasets }) => datasets.includes('Sanctions'));
}

function isStatusChange(record: AuditRow): boolean {
  return record.effect.startsWith('status_changed');
}

function standing(of: unknown): string {
  const { status, access } = of as { status: string; access: string };
  return `${status}/${access}`;
}

function webhookIdOf(event: CompanyEvent): string {
  return event.webhookId ?? 'no webhook-id';
}

function grouped<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  valueIn: (item: T) => string,
): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const item of items) {
    groups.set(keyOf(item), (groups.get(keyOf(item)) ?? new Set()).add(valueIn(item)));
  }
  return groups;
}

function ambiguous(groups: ReadonlyMap<string, ReadonlySet<string>>): [string, string[]][] {
  return [...groups].filter(([, values]) => values.size > 1).map(([key, values]) => [key, [...values]]);
}
