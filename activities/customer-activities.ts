import type { CustomerTurnCommand, CustomerTurnResult } from '../src/usecases/customer-turn-command.js';
import { withSignsOfLife } from './sign-of-life.js';
import { withoutDetails } from './without-details.js';

/** Activities of the customer's own record; on the main task queue. */
export interface CustomerActivities {
  takeCustomerTurn(command: CustomerTurnCommand): Promise<CustomerTurnResult>;
}

/** Takes the use case; returns the activities over it. */
export function createCustomerActivities(useCases: CustomerActivities): CustomerActivities {
  return { takeCustomerTurn: withSignsOfLife(withoutDetails(useCases.takeCustomerTurn)) };
}
