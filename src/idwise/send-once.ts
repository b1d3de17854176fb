import type { CallOutcome } from '../domain/journey-calls.js';
import type { ClosingCall } from '../domain/policy.js';
import type { FaceQuestion, GovernmentFaceProvider } from '../government-face/provider.js';
import type { Vault } from '../personal-data/vault.js';
import type { Store } from '../store/store.js';
import type { JourneyAnswer } from './answers.js';
import { type CallKey, createCallRecord, type SettledState } from './call-record.js';
import type { Answer, IdwiseClient, Trouble } from './client.js';
import { applicantOf, primaryDocument } from './person.js';
import { openLatestAnswer } from './stored-answers.js';

interface SendOnceDependencies {
  readonly client: IdwiseClient;
  readonly store: Pick<Store, 'idwiseCalls' | 'journeyAnswers'>;
  readonly vault: Vault;
  /** Null where no provider is configured: then there is no face. */
  readonly provider: GovernmentFaceProvider | null;
  readonly clock?: () => number;
}

interface AboutCall {
  readonly referenceNo: string;
  readonly journeyId: string;
  /** The journey has been read since the call in doubt and does not show it, so it may be made again. */
  readonly confirmedNotDone: boolean;
}

/**
 * The calls that IDWise is not known to tolerate twice (contract §11 row 23). Each is one attempt, recorded before and
 * after. What was accepted is never sent again. After a time-out, or when the process died in between, the outcome is
 * `uncertain` and nothing is sent until the caller has read the journey and says `confirmedNotDone`.
 */
export interface SendOnce {
  /** Asks the provider for the government's face and hands it to IDWise; the picture is kept nowhere. */
  sendGovernmentFace(about: AboutCall): Promise<CallOutcome>;
  /** Closes the custom step or the whole journey (contract §3.5, §3.6). */
  close(about: AboutCall & { readonly operation: ClosingCall }): Promise<CallOutcome>;
}

/**
 * A process that stood still between taking the right to a call and making it (a frozen machine, a sleeping laptop) may
 * have been taken for dead, and the call been made by another: it leaves it. With the 10 s of the call itself this stays
 * below the time after which a call counts as not on its way any more.
 */
const SENT_WITHIN_MS = 4_000;

/** Takes the client, the store, the vault and the provider; returns the calls that are made once. */
export function createSendOnce(dependencies: SendOnceDependencies): SendOnce {
  const { client, store, vault, provider } = dependencies;
  const clock = dependencies.clock ?? Date.now;
  const record = createCallRecord(store, clock);

  async function once(
    call: CallKey,
    confirmedNotDone: boolean,
    send: () => Promise<Answer<null>>,
  ): Promise<CallOutcome> {
    const claim = await record.claim(call, confirmedNotDone);
    if (claim.kind !== 'claimed') return claim;
    if (clock() - claim.atMs > SENT_WITHIN_MS) {
      await record.settle(call, claim.attempt, 'not_sent', 'too_late');
      return { kind: 'unavailable', code: 'too_late' };
    }
    const { outcome, state, code } = whatBecame(await send());
    await record.settle(call, claim.attempt, state, code);
    return outcome;
  }

  /** The stored answer, or a fresh one where it is older than IDWise's reading of the documents. */
  async function whomToAskAbout(referenceNo: string, journeyId: string): Promise<Answer<FaceQuestion>> {
    const stored = await openLatestAnswer({ store, vault }, referenceNo, journeyId);
    if (stored.kind === 'answer') {
      const question = questionAbout(stored.answer, referenceNo);
      if (question.personalNumber !== null || question.documentNumber !== null) {
        return { kind: 'ok', value: question };
      }
    }
    const fetched = await client.getJourney(journeyId);
    if (fetched.kind !== 'ok') return fetched;
    if (fetched.value.journeyId !== journeyId || fetched.value.referenceNo !== referenceNo.trim()) {
      return { kind: 'rejected', code: 'not_ours' };
    }
    return { kind: 'ok', value: questionAbout(fetched.value, referenceNo) };
  }

  return {
    sendGovernmentFace: async ({ referenceNo, journeyId, confirmedNotDone }) => {
      const call: CallKey = { referenceNo, journeyId, operation: 'process-custom-journey-step' };
      // Nobody is asked for a face that will not be sent.
      const before = await record.state(call, confirmedNotDone);
      if (before !== 'free') return { kind: before };
      if (provider === null) return { kind: 'no_face' };
      const question = await whomToAskAbout(referenceNo, journeyId);
      if (question.kind !== 'ok') return withoutSending(question);
      const face = await provider.ask(question.value);
      if (face.kind === 'none') return { kind: 'no_face' };
      if (face.kind === 'unavailable') return { kind: 'provider_unavailable', code: face.code };
      const image = { bytes: face.image, contentType: face.contentType };
      return once(call, confirmedNotDone, () => client.processCustomStep(journeyId, image));
    },
    close: ({ referenceNo, journeyId, operation, confirmedNotDone }) =>
      once({ referenceNo, journeyId, operation }, confirmedNotDone, () =>
        operation === 'complete-journey'
          ? client.completeJourney(journeyId)
          : client.completeCustomStep(journeyId),
      ),
  };
}

function questionAbout(answer: JourneyAnswer, referenceNo: string): FaceQuestion {
  const document = primaryDocument(answer);
  return {
    referenceNo,
    journeyId: answer.journeyId,
    personalNumber: applicantOf(answer).personalNumber,
    documentNumber: document?.fields.get('Document Number') ?? null,
    issuingCountryCode: document?.issuingCountryCode ?? null,
  };
}

function withoutSending(trouble: Trouble): CallOutcome {
  switch (trouble.kind) {
    case 'refused':
    case 'rejected':
      return trouble;
    case 'unavailable':
      return { kind: 'unavailable', code: trouble.code, retryAfterMs: trouble.retryAfterMs };
    case 'not_found':
    case 'unreadable':
      return { kind: 'unavailable', code: trouble.code };
  }
}

/** What an answer means for the record and for the caller. */
function whatBecame(answer: Answer<null>): {
  outcome: CallOutcome;
  state: SettledState;
  code: string | null;
} {
  switch (answer.kind) {
    case 'ok':
      return { outcome: { kind: 'done' }, state: 'accepted', code: null };
    case 'unavailable':
      return answer.maybeSent
        ? { outcome: { kind: 'uncertain' }, state: 'uncertain', code: answer.code }
        : {
            outcome: { kind: 'unavailable', code: answer.code, retryAfterMs: answer.retryAfterMs },
            state: 'not_sent',
            code: answer.code,
          };
    case 'not_found':
      // The journey may not be there yet, or the path is wrong; in both cases nothing was done.
      return {
        outcome: { kind: 'unavailable', code: answer.code },
        state: 'not_sent',
        code: answer.code,
      };
    case 'refused':
    case 'rejected':
      return { outcome: answer, state: 'refused', code: answer.code };
    case 'unreadable':
      return { outcome: { kind: 'uncertain' }, state: 'uncertain', code: answer.code };
  }
}
