import type { CaseStanding, PassCaseTime } from '../src/usecases/cases/pass-case-time.js';
import { withSignsOfLife } from './sign-of-life.js';
import { withoutDetails } from './without-details.js';

/** Activities of compliance cases; on the main task queue. */
export interface CaseActivities {
  passCaseTime(of: { readonly caseId: string; readonly at: string }): Promise<CaseStanding>;
}

/** Takes the use case; returns the activity over it. */
export function createCaseActivities(useCases: { readonly passCaseTime: PassCaseTime }): CaseActivities {
  return { passCaseTime: withSignsOfLife(withoutDetails(useCases.passCaseTime)) };
}
