import type { Delivery } from './delivery.js';
import type { Journey, RequestedRedo } from './journey.js';
import type { Outcome } from './lifecycle.js';
import type { Simulation } from './simulation.js';

/** Contract §1.3 F: the one trigger of a required update that IDWise documents. */
export const RENEWAL_TRIGGER = 'KYC Renewal';

/** What a renewal asks for. */
export interface Renewal {
  /** `KYC Renewal`, or whatever the test wants. */
  trigger: string;
  steps: { stepId: string; reasonCode: string }[];
  /** How long until IDWise says by itself that the deadline is exceeded; null: it never does. */
  graceMs: number | null;
}

/**
 * A renewal falls due: some steps must be done again (contract §6, KYC renewal). A new one takes the place of the one
 * before.
 *
 * @returns the webhooks that it gave; refused before the journey has been completed, or while it is processed again
 */
export function requireRenewal(
  simulation: Simulation,
  journey: Journey,
  { trigger, steps, graceMs }: Renewal,
): Outcome<Delivery[]> {
  if (journey.phase !== 'finished' || journey.reprocessing)
    return { ok: false, reason: 'only a completed journey can be renewed' };
  const deadline = graceMs === null ? null : new Date(Date.now() + graceMs).toISOString();
  journey.redo = { trigger, steps, deadline, resumed: false, submitted: [] };
  if (deadline !== null && graceMs !== null)
    simulation.schedule({ kind: 'renewal-deadline', journeyId: journey.journeyId, deadline }, graceMs);
  simulation.changed();
  const deliveries = simulation.notify(journey, {
    event: 'Verification Update Required',
    trigger,
    requiredSteps: steps,
  });
  return { ok: true, value: deliveries };
}

/**
 * A deadline has come: unless the steps are in, or a later renewal has taken its place, IDWise says that it is exceeded.
 *
 * @param deadline of the renewal that this is about
 */
export function meetDeadline(simulation: Simulation, journey: Journey, deadline: string): void {
  const { redo } = journey;
  if (redo === null || redo.deadline !== deadline || journey.reprocessing) return;
  if (missingSteps(redo).length > 0) exceedDeadline(simulation, journey);
}

/**
 * The deadline of a renewal has passed without its steps (contract §1.3 G). The user may still do them.
 *
 * @param renewalDeadline RFC 3339; without it the renewal's own, else the beginning of today
 * @param steps which steps; without it those that are still missing, or all where no renewal was asked for
 */
export function exceedDeadline(
  simulation: Simulation,
  journey: Journey,
  renewalDeadline?: string,
  steps?: { stepId: string; renewalDeadline: string }[],
): Delivery[] {
  const { redo } = journey;
  const deadline = renewalDeadline ?? redo?.deadline ?? `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
  const missing = redo === null ? journey.steps : missingSteps(redo);
  return simulation.notify(journey, {
    event: 'KYC Renewal Deadline Exceeded',
    requiredSteps: steps ?? missing.map(({ stepId }) => ({ stepId, renewalDeadline: deadline })),
  });
}

function missingSteps({ steps, submitted }: RequestedRedo): readonly { stepId: string }[] {
  return steps.filter(({ stepId }) => !submitted.includes(stepId));
}
