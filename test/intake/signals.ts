import { Connection } from '@temporalio/client';
import { CUSTOMER_SIGNAL, type CustomerEventRef, customerWorkflowId } from '../../src/temporal/names.js';

/** What Temporal itself has on record, read from the histories of the test run's server. */
export interface TemporalRecord {
  /** The events with which a customer's workflow was signalled, in Temporal's order; none where it does not run. */
  signalsOf(referenceNo: string): Promise<readonly CustomerEventRef[]>;
  /** Input of a workflow's start; null where it does not run. */
  startOf(workflowId: string): Promise<{ readonly type: string; readonly input: unknown } | null>;
  close(): Promise<void>;
}

const NOT_FOUND = 5;

/** Connects to the test run's Temporal. */
export async function connectTemporalRecord(): Promise<TemporalRecord> {
  const connection = await Connection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });

  async function eventsOf(workflowId: string) {
    try {
      const answer = await connection.workflowService.getWorkflowExecutionHistory({
        namespace: 'default',
        execution: { workflowId },
      });
      return answer.history?.events ?? [];
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'code' in error && error.code === NOT_FOUND)
        return [];
      throw error;
    }
  }

  return {
    signalsOf: async (referenceNo) => {
      const events = await eventsOf(customerWorkflowId(referenceNo));
      return events.flatMap((event) => {
        const signal = event.workflowExecutionSignaledEventAttributes;
        if (signal?.signalName !== CUSTOMER_SIGNAL) return [];
        return [parse(signal.input?.payloads?.[0]?.data) as CustomerEventRef];
      });
    },
    startOf: async (workflowId) => {
      const started = (await eventsOf(workflowId))[0]?.workflowExecutionStartedEventAttributes;
      if (started === undefined || started === null) return null;
      return {
        type: started.workflowType?.name ?? '',
        input: parse(started.input?.payloads?.[0]?.data),
      };
    },
    close: () => connection.close(),
  };
}

function parse(data: Uint8Array | null | undefined): unknown {
  return JSON.parse(Buffer.from(data ?? []).toString('utf8'));
}
