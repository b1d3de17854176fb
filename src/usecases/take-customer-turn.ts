import type { mongo } from 'mongoose';
import { policyVersion } from '../audit/policy-version.js';
import { nextCheck } from '../domain/comparison.js';
import { isFrozen } from '../domain/compliance-hold.js';
import { type Turn, type TurnInput, takeTurn } from '../domain/customer-turn.js';
import type { AlarmCode, Standing } from '../domain/effects.js';
import type { Instant } from '../domain/instant.js';
import { isOpen } from '../domain/journey.js';
import type { DecisionContext } from '../domain/policy.js';
import { nextView, present } from '../domain/present.js';
import type { Report } from '../domain/reports.js';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import { insertAudit } from '../store/audit-chain.js';
import type { InboxRow, ParkReason } from '../store/inbox-records.js';
import type { ProfileRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import { auditEntries, causeOf } from './audit-entries.js';
import type { TellCases, ToldCases } from './cases/tell-cases.js';
import type {
  CustomerTurnCommand,
  CustomerTurnDone,
  CustomerTurnInput,
  CustomerTurnResult,
} from './customer-turn-command.js';
import { type MessageRules, owedMessages } from './owed-messages.js';

interface Dependencies {
  readonly store: Store;
  readonly context: DecisionContext;
  readonly messageRules: MessageRules;
  /** Opens cases and adds to them, in the same transaction. */
  readonly tellCases: TellCases;
  /** Told of cases that changed, after it is on record. */
  readonly onCaseChanged: (caseId: string) => void;
  /** Told of each alarm after it is on record. */
  readonly onAlarm: (code: AlarmCode, referenceNo: string) => void;
  readonly onParked: (reason: ParkReason, count: number) => void;
}

type TakeCustomerTurn = (command: CustomerTurnCommand) => Promise<CustomerTurnResult>;

/**
 * Makes the use case that every effect on a customer goes through. One transaction writes the profile (compare-and-set
 * on its revision), one audit record per effect, the messages that are owed, and the inbox rows that are done; so an
 * effect is there whole or not at all. Taking the same turn again changes nothing and gives the same result.
 */
export function createTakeCustomerTurn({
  store,
  context,
  messageRules,
  tellCases,
  onCaseChanged,
  onAlarm,
  onParked,
}: Dependencies): TakeCustomerTurn {
  const version = policyVersion(context.policy);
  return async (command) => {
    const { result, parked, caseIds } = await store.transaction(
      `customer:${command.referenceNo}`,
      async (session): Promise<Taken> => {
        const profile = await store.profiles.findOne({ _id: command.referenceNo }, { session });
        if (profile === null) return { result: { kind: 'no_profile' }, parked: null, caseIds: [] };
        const last = profile.lastTurn;
        const isOpening = command.input.kind === 'open';
        if (!isOpening && last !== null && last.turn >= command.turn) {
          const isRepeated = last.turn === command.turn && last.runId === command.runId;
          const result = isRepeated ? (last.result as CustomerTurnDone) : ({ kind: 'overtaken' } as const);
          return { result, parked: null, caseIds: [] };
        }
        const turnNumber = isOpening ? (last?.turn ?? 0) : command.turn;
        const { input, rows } = await readInput(store, session, command);
        const facts = upgradeFacts(profile.facts);
        const turn = takeTurn(facts, standingOf(profile), input, context, command.at);
        const writing = {
          profile,
          turn,
          turnNumber,
          command,
          rows,
          context,
          messageRules,
          policyVersion: version,
        };
        const told = await tellCases(session, {
          referenceNo: command.referenceNo,
          before: facts,
          stood: standingOf(profile),
          turn,
          turnNumber,
          cause: causeOf(command, turnNumber, turn),
          at: command.at,
        });
        const done = await writeTurn(store, session, { ...writing, told });
        if (command.input.kind === 'open') await offerAgain(store, session, command, command.input);
        if (turn.parked !== null) await park(store, session, turn.parked, command.at);
        return { result: done, parked: turn.parked, caseIds: told.caseIds };
      },
    );
    if (result.kind === 'done') for (const code of result.alarms) onAlarm(code, command.referenceNo);
    for (const caseId of caseIds) onCaseChanged(caseId);
    if (parked !== null) onParked(parked.reason, parked.causes.length);
    return result;
  };
}

interface Taken {
  readonly result: CustomerTurnResult;
  readonly parked: Turn['parked'];
  readonly caseIds: readonly string[];
}

async function readInput(
  store: Store,
  session: mongo.ClientSession,
  command: CustomerTurnCommand,
): Promise<{ input: TurnInput; rows: readonly InboxRow[] }> {
  const { input } = command;
  switch (input.kind) {
    case 'open':
      return { input: { kind: 'clock' }, rows: [] };
    case 'completion_requested':
    case 'close':
    case 'reopen':
    case 'reprocess': {
      const { requestId, ...asked } = input;
      const request =
        requestId === undefined ? null : await store.requests.findOne({ _id: requestId }, { session });
      return { input: { ...asked, reason: request?.reason ?? asked.reason ?? '' }, rows: [] };
    }
    case 'events':
      break;
    default:
      return { input, rows: [] };
  }
  const ids = input.events.map((event) => event.inboxId);
  const rows = await store.inbox.find({ _id: { $in: ids } }, { session, projection: { raw: 0 } }).toArray();
  const byId = new Map(rows.map((row) => [row._id, row]));
  const reports = input.events.flatMap(({ inboxId }) => {
    const row = byId.get(inboxId);
    return row === undefined ? [] : toReport(row);
  });
  return { input: { kind: 'reports', reports }, rows };
}

function toReport(row: InboxRow): Report[] {
  const origin = originOf(row);
  if (row.event !== null) return [{ source: 'idwise', event: row.event, ...origin }];
  if (row.report === null) return [];
  if (row.report.kind === 'case_measure') {
    const { caseId, revision, journeyId, measure } = row.report;
    return [{ source: 'case', caseId, revision, journeyId, measure, ...origin }];
  }
  if (row.report.kind !== 'look_wanted') return [{ source: 'app', report: row.report, ...origin }];
  const source = row.source === 'reconciliation' ? 'reconciliation' : 'operator';
  const { kind: _kind, ...wanted } = row.report;
  return [{ source, ...wanted, ...origin }];
}

/** A replay says what was said when the original came. */
function originOf({ _id, receivedAt, replay }: InboxRow): Pick<Report, 'at' | 'cause' | 'replay'> {
  const receipt = receivedAt.toISOString();
  if (replay === undefined) return { at: receipt, cause: _id };
  const { of, actor, reason, firstReceivedAt } = replay;
  return { at: firstReceivedAt.toISOString(), cause: _id, replay: { of, actor, reason, at: receipt } };
}

function standingOf(profile: ProfileRow): Standing {
  return { status: profile.view.status, access: profile.view.access, ground: profile.ground };
}

interface Writing {
  readonly profile: ProfileRow;
  readonly turn: Turn;
  readonly turnNumber: number;
  readonly command: CustomerTurnCommand;
  readonly rows: readonly InboxRow[];
  readonly context: DecisionContext;
  readonly messageRules: MessageRules;
  readonly policyVersion: string;
  readonly told: ToldCases;
}

async function writeTurn(
  store: Store,
  session: mongo.ClientSession,
  writing: Writing,
): Promise<CustomerTurnDone> {
  const { profile, turn, turnNumber, command, context } = writing;
  const at = new Date(command.at);
  const referenceNo = command.referenceNo;
  const view = nextView(profile.view, present(turn.facts, turn.judgement, context), command.at);
  const alarms = turn.effects.flatMap((effect) => (effect.kind === 'alarm' ? [effect.code] : []));
  const attention = alarms.at(-1) ?? (turn.judgement.alarm === null ? null : profile.attention);

  const audited = auditEntries({ command, turn, turnNumber, policyVersion: writing.policyVersion });
  const head = await insertAudit(store, session, profile, [...audited, ...writing.told.audit]);

  const devices = await store.devices.find({ referenceNo }, { session, projection: { _id: 1 } }).toArray();
  const owed = [
    ...owedMessages({
      referenceNo,
      turn: turnNumber,
      effects: turn.effects,
      view,
      at: command.at,
      deviceIds: devices.map((device) => device._id),
      rules: writing.messageRules,
    }),
    ...writing.told.mails,
  ];
  if (owed.length > 0) await store.outbox.insertMany(owed, { session });

  if (turn.processed.length > 0) {
    await store.inbox.updateMany(
      { _id: { $in: [...turn.processed] } },
      { $set: { state: 'processed', processedAt: at, outcome: `v${view.version}` } },
      { session },
    );
  }
  const recorded = writing.rows.map((row) => row._id).filter((id) => !turn.processed.includes(id));
  if (recorded.length > 0) {
    await store.inbox.updateMany({ _id: { $in: recorded } }, { $set: { outcome: 'recorded' } }, { session });
  }

  // When the record is compared with IDWise again, whatever events say until then (design §4.5).
  const check = nextCheck(turn.facts, view.status, context.policy, command.at, 0);
  const result: CustomerTurnDone = {
    kind: 'done',
    turn: turnNumber,
    status: view.status,
    access: view.access,
    ground: turn.judgement.ground,
    journeyId: turn.judgement.journeyId,
    version: view.version,
    attention,
    closed: turn.facts.closedAt !== null,
    frozen: isFrozen(turn.facts),
    journeys: Object.values(turn.facts.journeys).map(({ journeyId, snapshot }) => ({
      journeyId,
      open: snapshot === null || isOpen(snapshot),
    })),
    agenda: turn.agenda,
    deliveries: owed.map((row) => ({ outboxId: row._id, channel: row.message.channel })),
    alarms,
  };
  const saved = turn.effects.flatMap((effect) => (effect.kind === 'details_saved' ? [effect] : []));
  const details = answersByJourney(saved);
  const decisions = answersByJourney(saved.filter(({ decisionStands }) => !decisionStands));
  const written = await store.profiles.updateOne(
    { _id: referenceNo, revision: profile.revision },
    {
      $set: {
        revision: profile.revision + 1,
        lastTurn: { turn: turnNumber, runId: command.runId, result },
        facts: turn.facts,
        view,
        ground: turn.judgement.ground,
        attention,
        nextCheckAt: check.at === null ? null : new Date(check.at),
        settled: check.settled,
        wakeAt: wakeAtOf(turn.agenda),
        ...head,
        updatedAt: at,
        // Whole, not by paths: a journey id is any text, and a dot or a dollar in it is no path.
        details: { ...profile.details, ...details },
        decisions: { ...profile.decisions, ...decisions },
      },
    },
    { session },
  );
  if (written.matchedCount !== 1) throw new Error('The profile changed while its turn was being written.');
  return result;
}

/** The soonest stands first. */
function wakeAtOf([next]: Turn['agenda']): Date | null {
  return next === undefined ? null : new Date(next.nextAttemptAt);
}

function answersByJourney(saved: readonly { journeyId: string; answerId: string }[]): Record<string, string> {
  return Object.fromEntries(saved.map(({ journeyId, answerId }) => [journeyId, answerId]));
}

/**
 * A run without state follows one that was terminated, or that Temporal has lost, with all that had been signalled to it
 * and was not on record yet. That is handed over once more; what this run has been signalled already is not.
 */
async function offerAgain(
  store: Store,
  session: mongo.ClientSession,
  { referenceNo }: CustomerTurnCommand,
  { queuedInboxIds = [] }: Extract<CustomerTurnInput, { kind: 'open' }>,
): Promise<void> {
  await store.inbox.updateMany(
    { referenceNo, state: 'signalled', outcome: null, _id: { $nin: [...queuedInboxIds] } },
    { $set: { state: 'received', notBefore: new Date(), signalledAt: null } },
    { session },
  );
}

async function park(
  store: Store,
  session: mongo.ClientSession,
  { causes, reason }: NonNullable<Turn['parked']>,
  at: Instant,
): Promise<void> {
  await store.inbox.updateMany(
    { _id: { $in: [...causes] } },
    { $set: { state: 'parked', parkReason: reason, processedAt: new Date(at), outcome: 'parked' } },
    { session },
  );
}
