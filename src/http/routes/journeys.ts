import type { AppReport } from '../../domain/app-report.js';
import { appInboxRow } from '../../intake/inbox-row.js';
import type { Intake } from '../../intake/intake.js';
import type { Store } from '../../store/store.js';
import type { CompleteJourney } from '../../temporal/complete-journey.js';
import type { ProblemCode } from '../problems.js';
import { actorOf, type Call, profileOf, type Route, route } from '../route.js';
import { accepted, completionRequest, journeyId, journeyStart, profileView } from '../schemas.js';

interface Dependencies {
  readonly store: Pick<Store, 'inbox' | 'profiles'>;
  readonly intake: Intake;
  readonly completeJourney: CompleteJourney;
}

const EFFECT_WAIT_MS = 1_000;
const FIRST_LOOK_MS = 15;
const LONGEST_PAUSE_MS = 100;

/**
 * Takes what they need; returns the routes by which an app reports its journey. A report takes the same way into the
 * workflow as IDWise's events, so that it too survives an outage of Temporal.
 */
export function journeyRoutes({ store, intake, completeJourney }: Dependencies): Route[] {
  async function report(call: Call<unknown>, appReport: AppReport): Promise<ProblemCode | undefined> {
    const { referenceNo } = profileOf(call);
    if (appReport.kind !== 'registered' && (await belongsToAnother(referenceNo, appReport.journeyId))) {
      return 'journey_bound';
    }
    const row = appInboxRow(appReport, referenceNo, new Date());
    if ((await intake.acceptReport(row)) === 'not_stored') return 'not_stored';
    await waitForEffect(store.inbox, row._id);
    const profile = await store.profiles.findOne({ _id: referenceNo }, { projection: { view: 1 } });
    call.res.json(profile?.view ?? profileOf(call).view);
  }

  async function belongsToAnother(referenceNo: string, reportedId: string): Promise<boolean> {
    const other = await store.profiles.findOne(
      { 'view.journeys.journeyId': reportedId, _id: { $ne: referenceNo } },
      { projection: { _id: 1 } },
    );
    return other !== null;
  }

  const answers = {
    200: { description: 'The view, with the effect where it came within a second', schema: profileView },
  };
  const problems: ProblemCode[] = [
    'invalid_request',
    'not_found',
    'journey_bound',
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
      problems: [
        'invalid_request',
        'not_json',
        'not_found',
        'update_rejected',
        'journey_unknown',
        'journey_finished',
        'workflow_unavailable',
      ],
      handle: async (call) => {
        const outcome = await completeJourney(profileOf(call).referenceNo, {
          journeyId: call.params['journeyId'] ?? '',
          reason: call.body.reason,
          actor: actorOf(call),
        });
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
