import { useQuery } from '@tanstack/react-query';
import type { CaseDetail } from '../../src/desk/contract.js';
import { fetchPerson } from './api.js';

/**
 * The customer and the matches of a case as they were at one of its versions. They are fetched once and forgotten as soon
 * as no part of the page shows them: whoever comes back looks again, and that is on record again.
 *
 * Takes the case and whether to fetch at once; without that, `refetch` does.
 */
export function usePerson({ caseId, version }: Pick<CaseDetail, 'caseId' | 'version'>, isWanted: boolean) {
  return useQuery({
    queryKey: ['person', caseId, version],
    queryFn: () => fetchPerson(caseId),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
}
