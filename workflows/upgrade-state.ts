import type { CustomerWorkflowState, QueuedRequest } from './customer-state.js';

/**
 * Takes the state that a run was given by the one before it, which may have run an earlier release; returns it in the
 * present form, with nothing of it lost. Whoever changes the form raises `schema` and adds the step here.
 * @throws when a later release wrote it. The run then stands still, visibly, until workers of that release are back;
 * going on would lose what this one does not know of.
 */
export function upgradeState(carried: CarriedState): CustomerWorkflowState {
  switch (carried.schema) {
    case 1:
      return upgradeState({
        ...carried,
        schema: 2,
        requests: carried.requests.map((request) => ({ kind: 'complete', ...request })),
        standing: { closed: false, ...carried.standing },
      });
    case 2:
      // Until its next turn the run does not know; the turn itself closes no customer who is frozen.
      return { ...carried, schema: 3, standing: { ...carried.standing, frozen: false } };
    case 3:
      return carried;
    default:
      throw new Error(
        `The state has form ${String((carried as { schema: unknown }).schema)}, which is newer than this release.`,
      );
  }
}

/** The form before cases could freeze a customer. */
type StateOf2 = Omit<CustomerWorkflowState, 'schema' | 'standing'> & {
  readonly schema: 2;
  readonly standing: Omit<CustomerWorkflowState['standing'], 'frozen'>;
};

/** The form before customers could be closed: a request, then without kind, was always one to close a journey. */
type StateOf1 = Omit<StateOf2, 'schema' | 'requests' | 'standing'> & {
  readonly schema: 1;
  readonly requests: readonly (Omit<QueuedRequest, 'kind'> & Partial<Pick<QueuedRequest, 'kind'>>)[];
  readonly standing: Omit<StateOf2['standing'], 'closed'> & Partial<Pick<StateOf2['standing'], 'closed'>>;
};

/** Every form that a run may have handed on. */
export type CarriedState = CustomerWorkflowState | StateOf2 | StateOf1;
