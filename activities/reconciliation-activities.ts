import type { CompareJourney } from '../src/usecases/compare-journey.js';
import type { CustomersPage, PageRequest } from '../src/usecases/customers-to-compare.js';
import type { RecordComparisons } from '../src/usecases/record-comparisons.js';
import { withSignsOfLife } from './sign-of-life.js';
import { withoutDetails } from './without-details.js';

/** The record's part of a run that compares customers with IDWise; on the main task queue. */
export interface ReconciliationActivities extends RecordComparisons {
  customersToCompare(request: PageRequest): Promise<CustomersPage>;
}

/** Takes the use cases; returns the activities over them. */
export function createReconciliationActivities(useCases: ReconciliationActivities): ReconciliationActivities {
  return {
    customersToCompare: withSignsOfLife(withoutDetails(useCases.customersToCompare)),
    recordComparisons: withSignsOfLife(withoutDetails(useCases.recordComparisons)),
    endReconciliation: withSignsOfLife(withoutDetails(useCases.endReconciliation)),
  };
}

/** Takes the use case; returns the activities that call IDWise, once each, for the queue that carries the rate limit. */
export function createComparisonActivities(useCase: CompareJourney): CompareJourney {
  return {
    compareJourney: withSignsOfLife(withoutDetails(useCase.compareJourney)),
    askForAmlVersion: withSignsOfLife(withoutDetails(useCase.askForAmlVersion)),
  };
}
