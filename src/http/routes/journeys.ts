import type { AppReport } from '../../domain/app-report.js';
import { knownJourney } from '../../domain/customer.js';
import { appInboxRow } from '../../intake/inbox-row.js';
import type { Intake } from '../../intake/intake.js';
import type { Store } from '../../store/store.js';
import type { AskCustomer } from '../../usecases/ask-customer.js';
import { CUSTOMER_REQUEST_PROBLEMS, type ProblemCode } from '../problems.js';
import type { ReportLimit } from '../report-limit.js';
import { actorOf, type Call, profileOf, type Route, route } from '../route.js';
import { accepted, completionRequest, journeyId, journeyStart, profileView } from '../schemas.js';
import { type ChooseLanguage, LANGUAGE_HEADER } from '../view-language.js';

interface Dependencies {
  readonly store: Pick<Store, 'inbox' | 'profiles'>;
  readonly intake: Intake;
  readonly askCustomer: AskCustomer;
  readonly reportLimit: ReportLimit;
  readonly chooseLanguage: ChooseLanguage;
}

/** Journeys of one verification that IDWise has not shown us yet; an honest app has one or two. */
const MOST_UNSEEN_JOURNEYS = 20;

type JourneyReport = Exclude<AppReport, { kind: 'registered' }>;

const EFFECT_WAIT_MS = 1_000;
const FIRST_LOOK_MS = 15;
const LONGEST_PAUSE_MS = 100;

/**
 * Takes what they need; returns the routes by which an app reports its journey. A report takes the same way into the
 * workflow as IDWise's events, so that it too survives an outage of Temporal.
 */
export function journeyRoutes({
  store,
  intake,
  askCustomer,
  reportLimit,
  chooseLanguage,
}: Dependencies): Route[] {
  async function report(call: Call<unknown>, appReport: JourneyReport): Promise<ProblemCode | undefined> {
    const { referenceNo } = profileOf(call);
    if (!reportLimit.takes(referenceNo, performance.now())) return 'too_many_reports';
    const refused = await whyRefused(referenceNo, appReport.journeyId);
    if (refused !== null) return refused;
    const row = appInboxRow(appReport, referenceNo, new Date());
    if ((await intake.acceptReport(row)) === 'not_stored') return 'not_stored';
    await waitForEffect(store.inbox, row._id);
    const profile = await store.profiles.findOne({ _id: referenceNo }, { projection: { view: 1 } });
    call.res.json(chooseLanguage(call.req, call.res).render(profile?.view ?? profileOf(call).view));
  }

  /**
   * A journey is another's only where a fetch has shown it: that somebody merely named it must not keep its true owner
   * from reporting. And what nobody has seen yet must not grow without end, since each is asked for at IDWise.
   */
  async function whyRefused(referenceNo: string, journeyId: string): Promise<ProblemCode | null> {
    const claims = await store.profiles
      .find(
        { $or: [{ _id: referenceNo }, { 'view.journeys.journeyId': journeyId }] },
        { projection: { 'facts.journeys': 1 } },
      )
      .toArray();
    for (const { _id, facts } of claims) {
      const journey = knownJourney(facts, journeyId);
      if (_id !== referenceNo) {
        if (journey !== undefined && journey.snapshot !== null) return 'journey_bound';
      } else if (journey === undefined) {
        const unseen = Object.values(facts.journeys).filter(({ snapshot }) => snapshot === null);
        if (unseen.length >= MOST_UNSEEN_JOURNEYS) return 'too_many_reports';
      }
    }
    return null;
  }

  const answers = {
    200: { description: 'The view, with the effect where it came within a second', schema: profileView },
  };
  const problems: ProblemCode[] = [
    'invalid_request',
    'not_found',
    'journey_bound',
    'too_many_reports',
    'not_stored',
    'storage_unavailable',
  ];

  const callback = (name: 'completed' | 'cancelled', kind: 'journey_submitted' | 'journey_cancelled') =>
    route({
      method: 'post',
      path: `/v1/verifications/:referenceNo/journeys/:journeyId/${name}`,
      operationId: name === 'completed' ? 'reportJourneyCompleted' : 'reportJourneyCancelled',
      summary: `The SDK's callback: the user has ${name} the journey.`,
      access: 'customer',
      body: null,
      params: { journeyId },
      headers: LANGUAGE_HEADER,
      answers,
      problems,
      handle: (call) => report(call, { kind, journeyId: call.params['journeyId'] ?? '' }),
    });

  return [
    route({
      method: 'post',
      path: '/v1/verifications/:referenceNo/journeys',
      operationId: 'reportJourneyStarted',
      summary: "The SDK's onJourneyStarted: links the journey to the verification.",
      access: 'customer',
      body: journeyStart,
      headers: LANGUAGE_HEADER,
      answers,
      problems: [...problems, 'not_json'],
      handle: (call) => report(call, { kind: 'journey_started', journeyId: call.body.journeyId }),
    }),
    callback('completed', 'journey_submitted'),
    callback('cancelled', 'journey_cancelled'),
    route({
      method: 'post',
      path: '/v1/verifications/:referenceNo/journeys/:journeyId/complete',
      operationId: 'completeJourney',
      summary: 'Closes the journey at IDWise with what is there.',
      access: 'company',
      body: completionRequest,
      params: { journeyId },
      answers: { 202: { description: "On the workflow's list", schema: accepted } },
      problems: CUSTOMER_REQUEST_PROBLEMS,
      handle: async (call) => {
        const request = {
          referenceNo: profileOf(call).referenceNo,
          kind: 'complete' as const,
          journeyId: call.params['journeyId'] ?? '',
          actor: actorOf(call),
          reason: call.body.reason,
        };
        const outcome = await askCustomer(request, new Date());
        if (outcome.kind !== 'accepted') return outcome.code;
        call.res.status(202).json({ accepted: true });
      },
    }),
  ];
}

/** Resolves when the workflow has taken the report to the record, or after a second: the app is not kept waiting. */
async function waitForEffect(inbox: Store['inbox'], inboxId: string): Promise<void> {
  const endsAtMs = performance.now() + EFFECT_WAIT_MS;
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const leftMs = endsAtMs - performance.now();
    if (leftMs <= 0) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)));
    const row = await inbox.findOne({ _id: inboxId }, { projection: { outcome: 1 } });
    if (row === null || row.outcome !== null) return;
  }
}
