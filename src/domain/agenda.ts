import { amlIsUnexplained, versionsToRead } from './aml-changes.js';
import { awaitedResult, isHint } from './awaited-result.js';
import type { CustomerFacts, JourneyFacts, OwedLook } from './customer.js';
import { imagesAgenda } from './images.js';
import { type Instant, later, latest, toMs } from './instant.js';
import { isOpen } from './journey.js';
import { type CustomStepStage, customStepIsOpen, customStepMove, isForSilence } from './journey-calls.js';
import type { ClosingCall, DecisionContext, Policy } from './policy.js';
import { nextReminder } from './reminders.js';
import { renewalClock } from './renewal.js';
import { nextRung } from './retry-ladder.js';
import { rulingJourney } from './ruling-journey.js';
import { signsOfLife } from './silence.js';
import type { Judgement } from './status.js';

export type AgendaWhat =
  | 'look'
  | 'second_look'
  | 'aml_versions'
  | 'custom_step'
  | 'complete_journey'
  | 'images'
  | 'close_silent_journey'
  | 'remind'
  | 'whitelist'
  | 'clock';

/**
 * One thing that must wait: what, when it is tried next, and when it is given up, parked and alarmed. Nothing has an
 * end before it has been tried: a worker that was away for long must not come back only to give up.
 */
export interface AgendaItem {
  readonly what: AgendaWhat;
  readonly journeyId: string | null;
  readonly nextAttemptAt: Instant;
  readonly giveUpAt: Instant | null;
  /** `custom_step` only: its next move. */
  readonly stage?: CustomStepStage;
  /** `complete_journey` only: which of IDWise's two calls the policy wants. */
  readonly operation?: ClosingCall;
  /** `aml_versions` only: the versions to read, up to and with `toVersion`, or as far as there are any. */
  readonly versions?: { readonly from: number; readonly to: number | null };
  /** `images` only: the stored answer that names them. */
  readonly answerDigest?: string;
  /** A call in doubt has been looked for in the journey and was not there: it may be sent again. */
  readonly confirmedNotDone?: boolean;
}

/** So long the telling of changed matches waits for the version that explains them. */
const UNTOLD_CHANGE_GIVE_UP_MS = 2 * 60_000;
/** So long the history is asked for a version that nobody named and that may not be there. */
const UNNAMED_VERSION_GIVE_UP_MS = 60 * 60_000;
/** What was only mentioned and no fetch confirms is looked for so long, then left to the next event. */
const HINT_GIVE_UP_MS = 10 * 60_000;

/**
 * Takes the facts, the context, the time and the judgement of the facts; returns everything that must wait, the soonest
 * first. It is derived from the facts alone, so that a workflow which lost its state finds it again.
 */
export function agenda(
  facts: CustomerFacts,
  context: DecisionContext,
  now: Instant,
  judgement: Judgement,
): readonly AgendaItem[] {
  const { policy } = context;
  // Two people have decided who is no match of a customer, whether they are still one or not.
  if (facts.closedAt !== null)
    return Object.values(facts.journeys).flatMap((journey) => whitelistAgenda(journey, policy));
  const items = Object.values(facts.journeys).flatMap((journey) => journeyAgenda(journey, context, now));
  const ruling = rulingJourney(facts);
  const at = (what: AgendaWhat, nextAttemptAt: Instant) =>
    items.push({ what, journeyId: null, nextAttemptAt, giveUpAt: null });
  if (judgement.reviewAt !== null) at('clock', judgement.reviewAt);
  const renewalAt = renewalClock(ruling, judgement.finding, policy, now);
  if (renewalAt !== null) at('clock', renewalAt);
  const reminder = nextReminder(facts, judgement, ruling, policy);
  if (reminder !== null) at('remind', reminder.dueAt);
  if (
    judgement.findingGround === 'never_finished' &&
    policy.expiry.completesJourney &&
    ruling?.completion === null &&
    isUnfinished(ruling)
  )
    items.push({
      what: 'close_silent_journey',
      journeyId: ruling.journeyId,
      nextAttemptAt: now,
      giveUpAt: null,
    });
  for (const journey of Object.values(facts.journeys)) {
    const images = imagesAgenda(journey, policy, now);
    if (images !== null) items.push(images);
  }
  return items.map(noLaterThanGiveUp).sort((a, b) => toMs(a.nextAttemptAt) - toMs(b.nextAttemptAt));
}

function journeyAgenda(journey: JourneyFacts, context: DecisionContext, now: Instant): AgendaItem[] {
  const { policy } = context;
  const items: AgendaItem[] = [];
  const add = (what: AgendaWhat, nextAttemptAt: Instant, giveUpAt: Instant | null) =>
    items.push({ what, journeyId: journey.journeyId, nextAttemptAt, giveUpAt });

  const { owedLook } = journey;
  if (owedLook !== null) {
    const giveUpMs =
      owedLook.trouble === 'unknown_journey' ? policy.look.unknownJourneyGiveUpMs : policy.look.giveUpMs;
    // A journey that is not ours does not become ours by asking again.
    const ms = owedLook.trouble === 'not_ours' ? 0 : giveUpMs;
    add('look', dueAt(owedLook), owedLook.attempts > 0 ? later(owedLook.since, ms) : null);
  } else {
    const awaited = awaitedResult(journey, policy);
    if (awaited !== null) {
      const giveUpMs = isHint(awaited) ? HINT_GIVE_UP_MS : policy.look.giveUpMs;
      add('second_look', nextRung(awaited.since, journey.lastLookAt), later(awaited.since, giveUpMs));
    }
  }

  const { owed } = journey.aml;
  if (owed !== null) {
    const isUnexplained = amlIsUnexplained(journey);
    const isNamed = journey.aml.heardVersion > journey.aml.storedVersion;
    const giveUpMs = isUnexplained
      ? UNTOLD_CHANGE_GIVE_UP_MS
      : isNamed
        ? policy.look.giveUpMs
        : UNNAMED_VERSION_GIVE_UP_MS;
    items.push({
      what: 'aml_versions',
      journeyId: journey.journeyId,
      nextAttemptAt: dueAt(owed),
      giveUpAt: owed.attempts > 0 ? later(owed.since, giveUpMs) : null,
      versions: versionsToRead(journey),
    });
  }

  const { customStep, snapshot } = journey;
  // The look goes first: the photo is asked for with what the journey says, and in doubt the journey is read.
  if (customStep !== null && customStepIsOpen(journey, context) && snapshot !== null && owedLook === null) {
    items.push({
      what: 'custom_step',
      journeyId: journey.journeyId,
      ...customStepMove(customStep, policy, now),
      giveUpAt: customStep.lastAttemptAt === null ? null : later(customStep.since, policy.look.giveUpMs),
      confirmedNotDone: customStep.doubt === 'read',
    });
  }

  items.push(...whitelistAgenda(journey, policy));

  const { completion } = journey;
  if (completion?.state === 'wanted') {
    // In doubt nothing is sent before the journey has been read; for a silence never while something has been heard.
    const isReadFirst = completion.doubt === 'unread' || isForSilence(completion);
    if (!isReadFirst || owedLook === null) {
      items.push({
        what: 'complete_journey',
        journeyId: journey.journeyId,
        nextAttemptAt: latest(
          nextRung(completion.requestedAt, completion.lastAttemptAt),
          completion.notBefore ?? null,
        ),
        giveUpAt:
          completion.lastAttemptAt === null
            ? null
            : later(completion.requestedAt, policy.completeJourney.giveUpMs),
        operation: policy.completeJourney.call,
        confirmedNotDone: completion.doubt === 'read',
      });
    }
  } else if (completion === null && policy.completeJourney.afterSilenceMs !== null && isUnfinished(journey)) {
    // While steps arrive, silence has not begun.
    const [first, ...others] = signsOfLife(journey);
    if (first !== undefined) {
      const silentSince = others.reduce(latest, first);
      add('close_silent_journey', later(silentSince, policy.completeJourney.afterSilenceMs), null);
    }
  }
  return items;
}

function whitelistAgenda({ journeyId, whitelisting }: JourneyFacts, policy: Policy): AgendaItem[] {
  if (whitelisting === null) return [];
  const { since, lastAttemptAt, notBefore = null } = whitelisting;
  const giveUpAt = lastAttemptAt === null ? null : later(since, policy.look.giveUpMs);
  const nextAttemptAt = latest(nextRung(since, lastAttemptAt), notBefore);
  return [noLaterThanGiveUp({ what: 'whitelist', journeyId, nextAttemptAt, giveUpAt })];
}

function noLaterThanGiveUp(item: AgendaItem): AgendaItem {
  const { giveUpAt, nextAttemptAt } = item;
  return giveUpAt !== null && toMs(giveUpAt) < toMs(nextAttemptAt)
    ? { ...item, nextAttemptAt: giveUpAt }
    : item;
}

/** Due at once for a fresh cause, on the ladder afterwards; never before a pause that was asked for. */
function dueAt(owed: OwedLook): Instant {
  const due = owed.attempts === 0 ? owed.since : nextRung(owed.since, owed.lastAttemptAt);
  return owed.notBefore !== null && toMs(owed.notBefore) > toMs(due) ? owed.notBefore : due;
}

function isUnfinished(journey: JourneyFacts): boolean {
  return journey.snapshot === null || isOpen(journey.snapshot);
}
