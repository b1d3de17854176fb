import type { mongo } from 'mongoose';
import { policyVersion } from '../audit/policy-version.js';
import { nextCheck } from '../domain/comparison.js';
import { isFrozen } from '../domain/compliance-hold.js';
import { type Turn, takeTurn } from '../domain/customer-turn.js';
import type { AlarmCode, Standing } from '../domain/effects.js';
import type { Instant } from '../domain/instant.js';
import { isOpen } from '../domain/journey.js';
import type { DecisionContext } from '../domain/policy.js';
import { nextView, present } from '../domain/present.js';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import { handOverAgain } from '../intake/hand-over-again.js';
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
import { readTurnInput } from './read-turn-input.js';
import { type FailedRequest, failedBefore, requestAtTurn, settleRequest } from './request-settlement.js';

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
  /** Told of a request that was accepted and not carried out, after that is on record. */
  readonly onRequestFailed: (failed: FailedRequest) => void;
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
  onRequestFailed,
}: Dependencies): TakeCustomerTurn {
  const version = policyVersion(context.policy);
  return async (given) => {
    const { referenceNo } = given;
    const { result, parked, caseIds, failed } = await store.transaction(
      `customer:${referenceNo}`,
      async (session): Promise<Taken> => {
        const profile = await store.profiles.findOne({ _id: referenceNo }, { session });
        if (profile === null) return nothingBut({ kind: 'no_profile' });
        const last = profile.lastTurn;
        const isOpening = given.input.kind === 'open';
        if (!isOpening && last !== null && last.turn >= given.turn) {
          if (!isRepeated(last, given)) return nothingBut({ kind: 'overtaken' });
          const failed = await failedBefore(store, session, given);
          return { ...nothingBut(last.result as CustomerTurnDone), failed };
        }
        const turnNumber = isOpening ? (last?.turn ?? 0) : given.turn;
        const request = await requestAtTurn(store, session, given);
        const isDue = request.kind === 'none' || request.kind === 'due';
        const command = isDue ? given : { ...given, input: { kind: 'clock' } as const };
        const { input, rows } = await readTurnInput(store, session, command);
        const facts = upgradeFacts(profile.facts);
        const stood = standingOf(profile);
        const found = takeTurn(facts, stood, input, context, command.at);
        const told = await tellCases(session, {
          referenceNo,
          before: facts,
          stood,
          turn: found,
          turnNumber,
          cause: causeOf(command, turnNumber, found),
          at: command.at,
        });
        const turn =
          told.holds.length === 0 ? found : takeTurn(facts, stood, input, context, command.at, told.holds);
        const done = await writeTurn(store, session, {
          profile,
          turn,
          turnNumber,
          command,
          rows,
          context,
          messageRules,
          policyVersion: version,
          told,
        });
        if (command.input.kind === 'open') await offerAgain(store, session, command, command.input);
        const failed = await settleRequest(store, session, request, command, facts, turn.effects);
        if (turn.parked !== null) await park(store, session, turn.parked, command.at);
        return { result: done, parked: turn.parked, caseIds: told.caseIds, failed };
      },
    );
    if (result.kind === 'done') for (const code of result.alarms) onAlarm(code, referenceNo);
    if (failed !== null) onRequestFailed(failed);
    for (const caseId of caseIds) onCaseChanged(caseId);
    if (parked !== null) onParked(parked.reason, parked.causes.length);
    return result;
  };
}

/**
 * Whether a turn is the very one that was written last, asked for once more. A run that Temporal was set back with, to a
 * backup of before that turn, asks for another one under the same number, and at another time.
 */
function isRepeated(last: NonNullable<ProfileRow['lastTurn']>, given: CustomerTurnCommand): boolean {
  return (
    last.turn === given.turn && last.runId === given.runId && (last.at === undefined || last.at === given.at)
  );
}

interface Taken {
  readonly result: CustomerTurnResult;
  readonly parked: Turn['parked'];
  readonly caseIds: readonly string[];
  readonly failed: FailedRequest | null;
}

function nothingBut(result: CustomerTurnResult): Taken {
  return { result, parked: null, caseIds: [], failed: null };
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
        lastTurn: { turn: turnNumber, runId: command.runId, at: command.at, result },
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
  await handOverAgain(store, { referenceNo, _id: { $nin: [...queuedInboxIds] } }, new Date(), { session });
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
