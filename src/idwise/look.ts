import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '../domain/instant.js';
import type { JourneySnapshot, LookOutcome } from '../domain/journey.js';
import type { Vault } from '../personal-data/vault.js';
import type { Store } from '../store/store.js';
import { type AmlReading, createAmlReader } from './aml-version.js';
import type { SummaryAnswer } from './answers.js';
import type { IdwiseClient, Trouble } from './client.js';
import { toSnapshot } from './snapshot.js';
import { storeAnswer } from './stored-answers.js';

interface LookDependencies {
  readonly client: IdwiseClient;
  readonly vault: Vault;
  readonly store: Pick<Store, 'journeyAnswers' | 'amlVersions'>;
  /** `IDWISE_CUSTOM_STEP_ID`, which is ours to conclude and not the user's; null where none is configured. */
  readonly customStepId: string | null;
  readonly clock?: () => number;
}

/** What went wrong with a look, in the words of the domain. */
type LookTrouble = Exclude<LookOutcome, { kind: 'journey' }>;

type Summary =
  | { readonly kind: 'summary'; readonly completed: boolean; readonly allUserStepsConcluded: boolean }
  | LookTrouble;

/** Whose journey it is, by IDWise's own word: for events that bear no reference number (design §3). */
type Owner =
  | { readonly kind: 'owner'; readonly referenceNo: string | null; readonly flowId: string | null }
  | LookTrouble;

/** A journey as IDWise shows it now. */
type JourneyReading = { readonly kind: 'journey'; readonly snapshot: JourneySnapshot } | LookTrouble;

/** Whether IDWise's history has a version. One that lists no match may as well be one that is still to come. */
type AmlVersionReading = { readonly kind: 'there' } | { readonly kind: 'not_there' } | LookTrouble;

export interface Look {
  /**
   * Fetches the journey once; stores the full answer sealed and returns the snapshot of it. A journey that does not
   * bear exactly our reference number is never stored (design §4.2).
   */
  look(of: { referenceNo: string; journeyId: string; at: Instant }): Promise<LookOutcome>;
  /** Fetches the journey once and returns the snapshot of it, as `look` does; stores nothing. */
  read(of: { referenceNo: string; journeyId: string }): Promise<JourneyReading>;
  /** Asks whether the history of the customer's AML matches has that version; stores nothing. */
  findAmlVersion(of: { referenceNo: string; journeyId: string; version: number }): Promise<AmlVersionReading>;
  /** Fetches the journey only to see whose it is; stores nothing. */
  findOwner(of: { journeyId: string }): Promise<Owner>;
  /** Fetches and stores one version of the customer's AML matches; repeating it changes nothing. */
  readAmlVersion(of: {
    referenceNo: string;
    journeyId: string;
    version: number;
    at: Instant;
  }): Promise<AmlReading>;
  /**
   * Asks how far the user's steps are, at most every 2 s for one journey (contract §3.7). The limit is for those who
   * poll a journey: taken for the whole account, it would let one customer in two seconds finish.
   */
  summarise(of: { journeyId: string }): Promise<Summary>;
}

const SUMMARY_GAP_MS = 2_000;
const MOST_SUMMARIES_REMEMBERED = 1_000;

/** Takes the client, the vault and the store; returns the ways of reading from IDWise. */
export function createLook({ client, vault, store, customStepId, clock = Date.now }: LookDependencies): Look {
  const nextSummaryAtMs = new Map<string, number>();
  const readAmlVersion = createAmlReader({ client, vault, store });

  async function fetchJourney(journeyId: string) {
    const answer = await client.getJourney(journeyId);
    if (answer.kind !== 'ok') return asLookTrouble(answer);
    // A wrong path or a cache in between could answer with somebody else's journey.
    if (answer.value.journeyId !== journeyId) return { kind: 'unreadable', code: 'another_journey' } as const;
    return answer;
  }

  async function fetchOwn(referenceNo: string, journeyId: string) {
    const fetched = await fetchJourney(journeyId);
    if (fetched.kind !== 'ok') return fetched;
    const answer = fetched.value;
    if (answer.referenceNo !== referenceNo.trim()) return { kind: 'not_ours' } as const;
    return { kind: 'own', answer, snapshot: toSnapshot(answer, vault.digestKey(referenceNo)) } as const;
  }

  return {
    look: async ({ referenceNo, journeyId, at }) => {
      const fetched = await fetchOwn(referenceNo, journeyId);
      if (fetched.kind !== 'own') return fetched;
      const { answer, snapshot } = fetched;
      const shelf = { store, vault };
      const fetchId = await storeAnswer(shelf, referenceNo, answer, snapshot.answerDigest, at);
      return { kind: 'journey', snapshot, fetchId };
    },
    read: async ({ referenceNo, journeyId }) => {
      const fetched = await fetchOwn(referenceNo, journeyId);
      return fetched.kind === 'own' ? { kind: 'journey', snapshot: fetched.snapshot } : fetched;
    },
    findAmlVersion: async ({ referenceNo, journeyId, version }) => {
      const answer = await client.getAmlHistory(journeyId, version);
      // Here 404 says that there is no such version; the journey itself has just been fetched.
      if (answer.kind === 'not_found') return { kind: 'not_there' };
      if (answer.kind !== 'ok') return asLookTrouble(answer);
      const { matches, referenceNo: named } = answer.value;
      if (named !== null && named !== referenceNo.trim()) return { kind: 'not_ours' };
      return matches.length > 0 ? { kind: 'there' } : { kind: 'not_there' };
    },
    findOwner: async ({ journeyId }) => {
      const fetched = await fetchJourney(journeyId);
      if (fetched.kind !== 'ok') return fetched;
      return { kind: 'owner', referenceNo: fetched.value.referenceNo, flowId: fetched.value.flowId };
    },
    readAmlVersion,
    summarise: async ({ journeyId }) => {
      const waitMs = Math.max((nextSummaryAtMs.get(journeyId) ?? 0) - clock(), 0);
      if (waitMs > SUMMARY_GAP_MS) {
        return { kind: 'unavailable', code: 'summary_limit', retryAfterMs: waitMs };
      }
      if (nextSummaryAtMs.size >= MOST_SUMMARIES_REMEMBERED) forgetPast(nextSummaryAtMs, clock());
      nextSummaryAtMs.set(journeyId, clock() + waitMs + SUMMARY_GAP_MS);
      if (waitMs > 0) await pause(waitMs);
      const answer = await client.getSummary(journeyId);
      if (answer.kind !== 'ok') return asLookTrouble(answer);
      return {
        kind: 'summary',
        completed: answer.value.completed,
        allUserStepsConcluded: allUserStepsConcluded(answer.value, customStepId),
      };
    },
  };
}

function forgetPast(times: Map<string, number>, nowMs: number): void {
  for (const [key, atMs] of times) if (atMs <= nowMs) times.delete(key);
}

/** The user's steps are the documents and the selfie (contract §3.7, §4.8); no step at all is none concluded. */
function allUserStepsConcluded(summary: SummaryAnswer, customStepId: string | null): boolean {
  const userSteps = summary.steps.filter(
    (step) =>
      (step.stepId === null || step.stepId !== customStepId) &&
      (step.type === null || ['document', 'selfie'].includes(step.type.toLowerCase())),
  );
  return userSteps.length > 0 && userSteps.every((step) => step.concluded);
}

/** Takes the client's trouble with a read; returns it in the words of the domain. */
function asLookTrouble(trouble: Trouble): LookTrouble {
  switch (trouble.kind) {
    case 'not_found':
      return { kind: 'unknown_journey' };
    case 'unavailable':
      return { kind: 'unavailable', code: trouble.code, retryAfterMs: trouble.retryAfterMs };
    case 'refused':
      return trouble;
    case 'rejected':
    case 'unreadable':
      return { kind: 'unreadable', code: trouble.code };
  }
}
