import type { AmlMatch, AmlVersion, Journey, JourneyAml } from './journey.js';
import type { Settings } from './state.js';
import { idwiseTimestamp } from './timestamps.js';

/** The `aml` block of Get Journey Result (contract §4.6); inside a match, old members are camelCase. */
export function amlResult(aml: JourneyAml) {
  return {
    applicability: aml.applicability,
    matches: aml.applicability === 'Applicable' ? aml.matches.map(matchResult) : [],
    ongoing_monitoring_enabled: true,
    last_ongoing_monitoring_update:
      aml.lastMonitoringMicros === null ? null : idwiseTimestamp(aml.lastMonitoringMicros),
    search_datetime: aml.searchMicros === null ? null : idwiseTimestamp(aml.searchMicros),
  };
}

/**
 * Get AML History (contract §3.9): only the changes of one version, or those of all.
 *
 * @param form `aml_matches` as an array, or as an object keyed by resource id
 * @returns undefined when there is no such version
 */
export function amlHistory(journey: Journey, version: number | null, form: Settings['amlMatches']) {
  const versions = (journey.aml?.history ?? []).filter(
    (entry) => version === null || entry.version === version,
  );
  if (version !== null && versions.length === 0) return undefined;
  const matches = versions.flatMap((entry) => entry.changes.map((change) => historyMatch(entry, change)));
  return {
    check_id: journey.journeyId,
    reference_number: journey.referenceNo,
    aml_matches:
      form === 'array' ? matches : Object.fromEntries(matches.map((match) => [match.resource_id, match])),
  };
}

function historyMatch(entry: AmlVersion, change: AmlVersion['changes'][number]) {
  return {
    ...matchResult(change.match),
    aml_record_version: entry.version,
    ongoing_monitor_update_type: change.type,
  };
}

function matchResult(match: AmlMatch) {
  const [firstName = '', ...rest] = match.name.split(' ');
  return {
    score: match.score,
    name: match.name,
    countries: match.countries,
    datesOfBirth: match.datesOfBirth,
    notes: [],
    datasets: match.datasets,
    aliases: [{ firstName, middleName: '', lastName: rest.join(' '), type: 'Name Spelling Variation' }],
    addresses: [],
    sex: match.sex,
    details: {},
    resource_id: match.resourceId,
    is_whitelisted: match.isWhitelisted,
    match_status: match.matchStatus,
    match_id: match.matchId,
  };
}
