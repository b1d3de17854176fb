import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { CustomerActivities } from '../activities/customer-activities.js';
import { DEAD_AFTER } from '../src/temporal/names.js';
import type {
  CustomerTurnDone,
  CustomerTurnInput,
  CustomerTurnResult,
} from '../src/usecases/customer-turn-command.js';
import { startDelivery } from './delivery-child.js';

/** The record is ours: while MongoDB is away a turn is tried for ever, often enough to go on within seconds of its return. */
const record = proxyActivities<Pick<CustomerActivities, 'takeCustomerTurn'>>({
  startToCloseTimeout: '15s',
  heartbeatTimeout: DEAD_AFTER,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

const TURN_SUMMARIES: Readonly<Record<CustomerTurnInput['kind'], string>> = {
  open: 'Take up the customer from the record',
  events: 'Record what was reported',
  look: 'Record what the journey shows, and decide',
  aml_versions: 'Record the AML versions',
  images: 'Record which images are stored',
  custom_step: 'Record how far the government-face step is',
  completion_requested: 'Record the wish to close the journey',
  completion: 'Record whether the journey is closed',
  close: 'Off-board the customer',
  reopen: 'Take the customer back',
  reprocess: 'Look at every journey again',
  remind: 'Remind the customer',
  give_up: 'Give up, park and raise an alarm',
  clock: 'Judge again: the time is up',
};

/** Takes the reference number, the turn's number and what is new; returns the turn's result, on the workflow's clock. */
export function takeTurn(
  referenceNo: string,
  turn: number,
  input: CustomerTurnInput,
): Promise<CustomerTurnResult> {
  const { runId } = workflowInfo();
  const command = { referenceNo, turn, runId, at: new Date(Date.now()).toISOString(), input };
  return record.takeCustomerTurn.executeWithOptions({ summary: TURN_SUMMARIES[input.kind] }, [command]);
}

/**
 * Takes the messages that a turn owes; starts the delivery of each in a workflow of its own, so that a dead endpoint
 * holds up nothing here.
 */
export async function startDeliveries(deliveries: CustomerTurnDone['deliveries']): Promise<void> {
  for (const delivery of deliveries) {
    const { outboxId, channel } = delivery;
    await startDelivery(delivery, `Deliver ${channel.replace('_', ' ')} \`${outboxId}\``);
  }
}
