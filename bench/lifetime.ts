import { randomUUID } from 'node:crypto';
import type { SimulatorControl } from '../simulator/control-client.js';
import { appInboxRow, idwiseInboxRow } from '../src/intake/inbox-row.js';
import type { InboxRow } from '../src/store/inbox-records.js';

/** One event of the script: what is done at the stand-in of IDWise first, and the row that intake would have stored. */
export type ScriptedEvent = (at: Date) => Promise<InboxRow>;

/** A customer with one approved journey, as the script finds them. */
export interface ScriptedCustomer {
  readonly referenceNo: string;
  readonly journeyId: string;
}

export const EVENTS_PER_BLOCK = 100;

const WATCH_LIST_ENTRY = { resourceId: 'entry-1', name: 'Somebody Else', score: 0.5 };
const STEP = '0';

/**
 * Takes the stand-in's control and a customer; returns the hundred events that their life consists of again and again,
 * some ten weeks of it: a renewal with its steps, a human's decision, and the events of a customer whom the watch lists
 * keep finding. Every block is the same work, so that blocks can be compared.
 */
export function scriptOfBlock(
  control: SimulatorControl,
  { referenceNo, journeyId }: ScriptedCustomer,
  block: number,
): readonly ScriptedEvent[] {
  const idwise = (event: string, body: Record<string, unknown> = {}) => {
    return async (at: Date) => {
      const json = { event, body: { eventId: randomUUID(), referenceNo, journeyId, ...body } };
      return idwiseInboxRow(json, Buffer.from(JSON.stringify(json)), at).row;
    };
  };
  const after =
    (work: () => Promise<unknown>, event: ScriptedEvent): ScriptedEvent =>
    async (at) => {
      await work();
      return event(at);
    };
  const requiredSteps = [{ stepId: STEP, reasonCode: 'DOCUMENT_EXPIRED' }];
  const step = idwise('Finished Step', { stepId: STEP, stepType: 'Document' });
  const app: ScriptedEvent = async (at) =>
    appInboxRow({ kind: 'journey_submitted', journeyId }, referenceNo, at);

  const renewal: ScriptedEvent[] = [
    after(
      () => control.call('POST', `/sim/renewals/journeys/${journeyId}`, { steps: requiredSteps }),
      idwise('Verification Update Required', { trigger: 'KYC Renewal', requiredSteps }),
    ),
    step,
    after(async () => {
      await control.resume(journeyId);
      await control.finish(journeyId);
      await untilJudged(control, journeyId);
    }, app),
    idwise('Updated Journey', { action: 'Step Update' }),
    idwise('Finished Journey'),
    after(
      () => control.review(journeyId, 'Approved'),
      idwise('Manually Reviewed', { manualDecision: 'Approved' }),
    ),
  ];
  const hit = (number: number): ScriptedEvent => {
    const score = (number % 90) / 100;
    const isFirst = block === 0 && number === 0;
    const changes = isFirst ? { added: [WATCH_LIST_ENTRY] } : { changed: [{ ...WATCH_LIST_ENTRY, score }] };
    return async (at) => {
      const version = await control.changeAml(journeyId, changes);
      return idwise('AML Monitor Update', { updatedAMLVersionNumber: version })(at);
    };
  };
  const monitoring = Array.from({ length: EVENTS_PER_BLOCK - renewal.length }, (_, number): ScriptedEvent => {
    if (number % 5 === 0) return hit(number);
    if (number % 5 === 1) return idwise('Updated Journey', { action: 'AML Update' });
    return number % 5 === 2 ? idwise('Finished Spot Check') : step;
  });
  return [...renewal, ...monitoring];
}

/** Waits until the stand-in has judged what was handed in: that is its work, and no part of the measurement. */
export async function untilJudged(control: SimulatorControl, journeyId: string): Promise<void> {
  for (;;) {
    const journey = await control.journey(journeyId);
    if (journey['redo'] === null && journey['phase'] === 'finished') return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
