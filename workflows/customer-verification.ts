import {
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  log,
  makeContinueAsNewFunc,
  patched,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { AgendaItem } from '../src/domain/agenda.js';
import { isMeasure } from '../src/domain/cases/outcomes.js';
import { BY_POLICY } from '../src/domain/journey-calls.js';
import {
  CUSTOMER_SIGNAL,
  type CustomerSignal,
  isEvent,
  isRollOver,
  isWake,
  isWhole,
} from '../src/temporal/names.js';
import type { CustomerTurnInput } from '../src/usecases/customer-turn-command.js';
import { attempt, attemptUnlessWaitedFor } from './customer-attempts.js';
import { createCustomerPage, waitingText } from './customer-page.js';
import { listenToRequests, turnOf } from './customer-requests.js';
import {
  type CustomerWorkflowInput,
  type CustomerWorkflowState,
  carryOn,
  emptyState,
} from './customer-state.js';
import { startDeliveries, takeTurn } from './customer-turns.js';
import { createSeenIds } from './seen-ids.js';
import { upgradeState } from './upgrade-state.js';

/** A stored event, by reference, a roll-over, or a wake. One name for all: Temporal keeps the order within one name only. */
export const customerEvent = defineSignal<[CustomerSignal]>(CUSTOMER_SIGNAL);
export const getState = defineQuery<CustomerWorkflowState>('getState');

/** One signal with its turns costs about thirty history events; a run is continued long before replay gets slow. */
const ROLL_OVER_AT_HISTORY_LENGTH = 2_000;
const MOST_EVENTS_PER_TURN = 50;
const MOST_TIMES_TO_GIVE_WAY = 3;
/** So many waiting events still fit into the state that Temporal hands to the next run (2 MiB). */
const MOST_CARRIED_EVENTS = 5_000;

/**
 * The life of one customer with us, for as long as the relationship lasts: stored events come in as signals, what is
 * due is attempted, and each finding is taken to the record in one turn. Whatever cannot be done now stands on the
 * agenda with its own clock, so that nothing keeps the next event waiting. No failure of an activity ends it.
 *
 * Takes the reference number, and the state of the run before where there was one.
 */
export async function customerVerification(input: CustomerWorkflowInput): Promise<void> {
  const { referenceNo } = input;
  const state = input.state === undefined ? emptyState() : upgradeState(input.state);
  const page = createCustomerPage(referenceNo);
  const run: Run = {
    rollOverWanted: false,
    isWoken: false,
    isProfileGone: false,
    hasTakenTurn: false,
    timesGivenWay: 0,
  };
  listen(state, run);

  const take = async (turnInput: CustomerTurnInput): Promise<boolean> => {
    const result = await takeTurn(referenceNo, state.turn + 1, turnInput);
    if (result.kind === 'no_profile') {
      run.isProfileGone = true;
      return false;
    }
    if (result.kind === 'overtaken') {
      // Another run of this customer wrote in between (after a reset, or a termination): the record is right.
      await take(opening(state));
      const isFinding = !isWord(turnInput);
      return isFinding && patched('leave-old-findings') ? true : take(turnInput);
    }
    carryOn(state, result);
    run.hasTakenTurn = true;
    await startDeliveries(result.deliveries);
    return true;
  };

  if (input.state === undefined && !(await take(opening(state)))) {
    log.warn('no profile stands under this reference number; the workflow ends');
    return;
  }

  const makeAttempt = async (item: AgendaItem): ReturnType<typeof attemptUnlessWaitedFor> => {
    if (!patched('attempts-give-way')) return attempt(referenceNo, item);
    // Whoever never stops speaking would keep the attempt from its turn for ever. What people decide is rare, and never waits.
    const isAnybodyHeard = run.timesGivenWay < MOST_TIMES_TO_GIVE_WAY;
    const somebodyWaits = () =>
      state.requests.length > 0 || state.queue.some(({ kind }) => isAnybodyHeard || isMeasure(kind));
    const found = await attemptUnlessWaitedFor(referenceNo, item, somebodyWaits);
    run.timesGivenWay = found === null ? run.timesGivenWay + 1 : 0;
    return found;
  };

  for (;;) {
    if (run.isProfileGone && patched('end-with-the-profile')) {
      log.warn('the profile is gone, as after MongoDB was set back to a backup; the workflow ends');
      return;
    }
    const request = state.requests[0];
    const due = dueItem(state);
    const isAtRest = state.queue.length === 0 && request === undefined && due === undefined && !run.isWoken;
    if ((run.rollOverWanted || rollOverDue(input)) && (isAtRest || mayLeaveItToTheNext(state, run))) {
      await condition(allHandlersFinished);
      // The state is read at this very moment, with whatever has arrived, so that nothing can slip between two runs.
      await makeContinueAsNewFunc<typeof customerVerification>()({ ...input, state });
    } else if (state.queue.length > 0) {
      const events = state.queue.slice(0, MOST_EVENTS_PER_TURN);
      await take({ kind: 'events', events });
      state.queue.splice(0, events.length);
      state.eventsTaken += events.length;
    } else if (request !== undefined) {
      await take(turnOf(request));
      state.requests.shift();
    } else if (run.isWoken) {
      run.isWoken = false;
      await take({ kind: 'clock' });
    } else if (due !== undefined) {
      const found = isGivenUp(due) ? ({ kind: 'give_up', item: due } as const) : await makeAttempt(due);
      if (found !== null) await take(found);
    } else {
      page.show(state);
      await nextMatter(state, run);
    }
  }
}

function opening({ queue }: CustomerWorkflowState): CustomerTurnInput {
  return { kind: 'open', queuedInboxIds: queue.map(({ inboxId }) => inboxId) };
}

/**
 * What somebody said counts whenever it is heard. What an attempt found, or was given up, rests on what this run knew when it
 * began, which may be older than the record; where it still matters the agenda of now has it attempted anew.
 */
function isWord(input: CustomerTurnInput): boolean {
  switch (input.kind) {
    case 'open':
    case 'events':
    case 'close':
    case 'reopen':
    case 'reprocess':
    case 'remind':
    case 'clock':
      return true;
    case 'completion_requested':
      return input.requestId !== undefined || input.actor !== BY_POLICY;
    default:
      return false;
  }
}

/** What concerns this run alone, and is not handed to the next one. */
interface Run {
  rollOverWanted: boolean;
  isWoken: boolean;
  isProfileGone: boolean;
  hasTakenTurn: boolean;
  /** How often in a row an attempt was taken back for what somebody said or asked. */
  timesGivenWay: number;
}

function listen(state: CustomerWorkflowState, run: Run): void {
  const seen = createSeenIds(state.seenIds);
  setHandler(getState, () => state, { description: 'What this run carries: standing, agenda, queue' });
  listenToRequests(state, seen);
  // Synchronous, so that handlers never interleave and never fail: it knows repeats, and queues.
  setHandler(
    customerEvent,
    (signal: CustomerSignal) => {
      if (isRollOver(signal)) {
        run.rollOverWanted = true;
        return;
      }
      if (isWake(signal)) {
        // A worker of before, which may have taken it first, did nothing.
        if (patched('wakes')) run.isWoken = true;
        return;
      }
      if (!isEvent(signal) || (!isWhole(signal) && patched('only-whole-events'))) {
        log.warn('a signal that is no event, no roll-over and no wake was ignored');
        return;
      }
      if (seen.has(signal.id)) {
        state.duplicates += 1;
        return;
      }
      seen.add(signal.id);
      state.queue.push(signal);
      state.lastEvent = { kind: signal.kind, at: signal.receivedAt };
    },
    {
      description:
        'Reference to a stored event: {id, inboxId, kind, receivedAt}; or {kind: "roll_over", id} to continue as new; or {kind: "wake", id} to look at the record',
    },
  );
  setDefaultSignalHandler((name) => log.warn('a signal of unknown name was ignored', { name }));
}

function dueItem(state: CustomerWorkflowState): AgendaItem | undefined {
  return state.agenda.find((item) => Date.parse(item.nextAttemptAt) <= Date.now());
}

function isGivenUp({ giveUpAt }: AgendaItem): boolean {
  return giveUpAt !== null && Date.parse(giveUpAt) <= Date.now();
}

function rollOverDue(input: CustomerWorkflowInput): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return (
    continueAsNewSuggested || historyLength > (input.rollOverAtHistoryLength ?? ROLL_OVER_AT_HISTORY_LENGTH)
  );
}

/**
 * A customer of whom something new is always there would never come to rest, and the history would grow until Temporal
 * ends the run: then what waits is left to the next one. Each run does its part first, so that they do not only hand on.
 */
function mayLeaveItToTheNext(state: CustomerWorkflowState, run: Run): boolean {
  return (
    run.hasTakenTurn &&
    state.queue.length <= MOST_CARRIED_EVENTS &&
    // Runs of earlier releases rolled over at rest only.
    patched('leave-what-waits-to-the-next-run')
  );
}

/** Sleeps until an event or a request comes, a roll-over is wanted, or the next thing on the agenda is due. */
async function nextMatter(state: CustomerWorkflowState, run: Run): Promise<void> {
  const next = state.agenda[0];
  const somethingCame = () =>
    state.queue.length > 0 || state.requests.length > 0 || run.rollOverWanted || run.isWoken;
  if (next === undefined) {
    await condition(somethingCame);
    return;
  }
  const waitMs = Math.max(Date.parse(next.nextAttemptAt) - Date.now(), 1);
  await condition(somethingCame, waitMs, { summary: `Until it is time to ${waitingText(next)}` });
}
