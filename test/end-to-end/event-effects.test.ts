import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.js';
import { becomes, type OneCustomer, registers, starts, startsUnregistered } from './customers.js';
import {
  type After,
  DEADLINE,
  type Envelope,
  EVENT_EFFECTS,
  GIVEN,
  type Given,
  REPORT_EFFECTS,
} from './event-effects.js';
import { type Product, startProduct } from './product.js';

type Json = Record<string, unknown>;

/** A list that lays no hold on whoever is on it. */
const PEP = 'Politically Exposed Person';
/** Renewals and AML changes come long after the approval, and after it lies the deadline that the table names. */
const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

/** Every form of event, one by one, against API, worker and simulator; IDWise's own webhooks are turned off. */
describe('the effect in the profile view', () => {
  let product: Product;

  beforeAll(async () => {
    product = await startProduct();
    await product.sim('PUT', '/sim/subscriptions', { events: [] });
  });
  afterAll(async () => {
    if (product !== undefined) await product.stop();
  });

  test.concurrent.each(EVENT_EFFECTS)(
    'of $event ($form), $given',
    async ({ given, envelopes, after, mails, isParked }) => {
      const customer = await arranged(given);
      const before = await viewOf(customer);
      const mailsBefore = await mailsAbout(customer);
      expect(before?.['status'] ?? null).toBe(GIVEN[given].before);
      const sent = envelopes({ ...customer, newEventId: randomUUID });
      const rows = [];
      for (const envelope of sent) rows.push(await taken(customer, envelope));
      expect(rows.map(({ state, parkReason }) => [state, parkReason])).toEqual(
        rows.map(() => (isParked ? ['parked', 'unknown_event'] : ['processed', null])),
      );
      await showsEffect(customer, before, after);
      await eventually(`${mails} mails to compliance`, async () =>
        (await mailsAbout(customer)) === mailsBefore + mails ? true : undefined,
      );
      await nothingIsOwed(customer);
      expect(await mailsAbout(customer)).toBe(mailsBefore + mails);
      await showsEffect(customer, before, after);
    },
  );

  test.concurrent.each(REPORT_EFFECTS)(
    'of the app’s report that the journey is $report, $given',
    async ({ report, given, after }) => {
      const customer = await arranged(given);
      const before = await viewOf(customer);
      expect(before?.['status'] ?? null).toBe(GIVEN[given].before);
      const path = `/v1/verifications/${customer.referenceNo}/journeys`;
      const answer =
        report === 'started'
          ? await product.call('POST', path, { journeyId: customer.journeyId })
          : await product.call('POST', `${path}/${customer.journeyId}/${report}`);
      expect(answer.status).toBe(200);
      await showsEffect(customer, before, after);
      await nothingIsOwed(customer);
      await showsEffect(customer, before, after);
    },
  );

  /** Brings a customer to where the event finds them, by the simulator's hands and events of other kinds. */
  async function arranged(given: Given): Promise<OneCustomer> {
    switch (given) {
      case 'registered': {
        const referenceNo = await registers(product);
        const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo });
        return { referenceNo, journeyId: String(journeyId) };
      }
      case 'in_sdk':
        return settled(await starts(product));
      case 'steps_in': {
        // A step of the backend's that nobody does keeps the journey undecided.
        const customStep = { stepId: '90', stepType: 'Custom' };
        const customer = await settled(await starts(product, { customStep }));
        await sdk(customer, 'finish');
        await atIdwise(customer, ({ steps }) =>
          (steps as { concluded: boolean }[]).every((step) => step.concluded),
        );
        return customer;
      }
      case 'passed':
        return passes(await settled(await starts(product)));
      case 'passed_early':
        return passes(await startsUnregistered(product));
      case 'referred':
        return referred();
      case 'hand_approved':
        return reviewed(await referred(), 'Approved');
      case 'hand_rejected':
        return reviewed(await referred(), 'Rejected');
      case 'hand_returned':
        return reviewed(await referred(), 'Resubmission Requested');
      case 'redone': {
        const customer = await reviewed(await referred(), 'Resubmission Requested');
        await tells(customer, 'Manually Reviewed', 'resubmission_required');
        return redoes(customer);
      }
      case 'cleared': {
        const amlMatches = [{ resourceId: 'match-1', datasets: [PEP] }];
        const customer = await passes(await settled(await starts(product, { amlMatches })));
        await tells(customer, 'Finished Journey', 'under_review');
        return amlChanges(customer, { removed: ['match-1'], systemDecision: 'Complete' });
      }
      case 'approved':
        return approved();
      case 'listed':
        return amlChanges(await approved(), {
          added: [{ datasets: [PEP] }],
          systemDecision: 'Refer',
        });
      case 'renewing':
        return renewing();
      case 'renewed_in_time':
        return redoes(await renewing());
      case 'overdue':
        return overdue();
      case 'renewed_late':
        return redoes(await overdue());
      case 'renewed_doubtfully':
        return redoes(await overdue(), 'refer');
    }
  }

  async function referred(): Promise<OneCustomer> {
    const customer = await passes(await settled(await starts(product, { outcome: 'refer' })));
    return tells(customer, 'Finished Journey', 'under_review');
  }

  async function approved(): Promise<OneCustomer> {
    const customer = await settled(await starts(product, { ageMs: TEN_YEARS_MS }));
    return tells(await passes(customer), 'Finished Journey', 'approved');
  }

  async function renewing(): Promise<OneCustomer> {
    const customer = await approved();
    const steps = [{ stepId: '0', reasonCode: 'DOCUMENT_EXPIRED' }];
    await product.sim('POST', `/sim/renewals/journeys/${customer.journeyId}`, { steps });
    await taken(customer, {
      event: 'Verification Update Required',
      body: { eventId: randomUUID(), ...customer, trigger: 'KYC Renewal', requiredSteps: steps },
    });
    return customer;
  }

  async function overdue(): Promise<OneCustomer> {
    const customer = await renewing();
    const requiredSteps = [{ stepId: '0', renewalDeadline: '2026-01-15T00:00:00Z' }];
    await taken(customer, {
      event: 'KYC Renewal Deadline Exceeded',
      body: { eventId: randomUUID(), ...customer, requiredSteps },
    });
    await becomes(product, customer, 'suspended');
    return customer;
  }

  async function passes(customer: OneCustomer): Promise<OneCustomer> {
    await sdk(customer, 'finish');
    await atIdwise(customer, ({ phase }) => phase === 'finished');
    return customer;
  }

  async function redoes(customer: OneCustomer, outcome = 'complete'): Promise<OneCustomer> {
    await sdk(customer, 'resume');
    await sdk(customer, 'finish', { outcome });
    await atIdwise(customer, ({ redo }) => redo === null);
    return customer;
  }

  async function reviewed(customer: OneCustomer, decision: string): Promise<OneCustomer> {
    const steps =
      decision === 'Resubmission Requested' ? { steps: [{ stepId: '0', reasonCode: 'RESUBMIT_BLUR' }] } : {};
    await product.sim('POST', `/sim/studio/journeys/${customer.journeyId}/review`, { decision, ...steps });
    return customer;
  }

  async function amlChanges(customer: OneCustomer, changes: Json): Promise<OneCustomer> {
    await product.sim('POST', `/sim/aml/journeys/${customer.journeyId}/changes`, changes);
    return customer;
  }

  async function tells(customer: OneCustomer, event: string, status: string): Promise<OneCustomer> {
    await taken(customer, { event, body: { eventId: randomUUID(), ...customer } });
    await becomes(product, customer, status);
    return customer;
  }

  const sdk = ({ journeyId }: OneCustomer, action: string, change?: Json) =>
    product.sim('POST', `/sim/sdk/journeys/${journeyId}/${action}`, change ?? {});

  async function atIdwise({ journeyId }: OneCustomer, is: (journey: Json) => boolean): Promise<void> {
    await eventually(`IDWise is through with ${journeyId}`, async () =>
      is(await product.sim('GET', `/sim/journeys/${journeyId}`)) ? true : undefined,
    );
  }

  /** IDWise sends it; resolves with its row once that has come to its end. */
  async function taken({ referenceNo, journeyId }: OneCustomer, envelope: Envelope) {
    const mine = { $or: [{ referenceNo }, { journeyId }] };
    const known = await product.store.inbox.distinct('_id', mine);
    await product.sim('POST', '/sim/events', envelope);
    return eventually(`${envelope.event} is processed or parked`, async () => {
      const row = await product.store.inbox.findOne({ ...mine, _id: { $nin: known }, source: 'idwise' });
      return row !== null && (row.state === 'processed' || row.state === 'parked') ? row : undefined;
    });
  }

  /** Whatever was set off is done: no look is owed any more, and no AML version. */
  async function nothingIsOwed({ referenceNo }: OneCustomer): Promise<void> {
    await eventually(`no look is owed about ${referenceNo}`, async () => {
      const profile = await product.store.profiles.findOne({ _id: referenceNo });
      const open = Object.values(profile?.facts.journeys ?? {}).filter(
        ({ owedLook, aml }) => owedLook !== null || aml.owed !== null,
      );
      return profile !== null && open.length === 0 ? true : undefined;
    });
  }

  async function settled(customer: OneCustomer): Promise<OneCustomer> {
    await becomes(product, customer, 'in_progress');
    await nothingIsOwed(customer);
    return customer;
  }

  const mailsAbout = ({ referenceNo }: OneCustomer) =>
    product.store.outbox.countDocuments({
      referenceNo,
      'message.channel': 'compliance_mail',
      'message.case.kind': 'aml',
    });

  async function viewOf({ referenceNo }: OneCustomer): Promise<Json | null> {
    const answer = await product.call('GET', `/v1/verifications/${referenceNo}`);
    return answer.status === 404 ? null : answer.body;
  }

  async function showsEffect(customer: OneCustomer, before: Json | null, after: After): Promise<void> {
    const wanted = after === 'unchanged' ? before : after;
    let seen: unknown = null;
    await eventually('the effect', async () => {
      const view = await viewOf(customer);
      seen = after === 'unchanged' ? view : view && summaryOf(view);
      return JSON.stringify(seen) === JSON.stringify(wanted) ? true : undefined;
    }).catch(() => expect(seen).toEqual(wanted));
  }
});

function summaryOf(view: Json): After {
  const steps = view['nextSteps'] as {
    action: string;
    stepId: string | null;
    reason: { code: string } | null;
  }[];
  const { status, access } = view as Pick<Exclude<After, 'unchanged'>, 'status' | 'access'>;
  return {
    status,
    access,
    nextSteps: steps.map(({ action, stepId, reason }) =>
      [action, stepId, reason?.code].filter(Boolean).join(' '),
    ),
    due: view['dueAt'] === null ? 'none' : view['dueAt'] === DEADLINE ? DEADLINE : 'reckoned',
  };
}
