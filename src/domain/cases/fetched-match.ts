/** One AML match as IDWise gave it: an open record (contract §4.6). It is personal data. */
export type FetchedMatch = Readonly<Record<string, unknown>>;

/** Takes a match; returns the id by which IDWise whitelists it, or null where it has none. */
export function resourceIdOf(match: FetchedMatch): string | null {
  return idOf(match['resource_id']);
}

/** Takes a match; returns true when it has been taken out of account: it counts no more and tells nobody (contract §5). */
export function isWhitelisted(match: FetchedMatch): boolean {
  return match['is_whitelisted'] === true;
}

/**
 * Takes a match as IDWise's history lists it; returns true when that version took it away. The word for it is of an open
 * set (contract §5): one that we do not know counts as if the match were there.
 */
export function isRemoval(match: FetchedMatch): boolean {
  const type = match['ongoing_monitor_update_type'];
  return typeof type === 'string' && /remov|delet|delist/i.test(type);
}

/**
 * What makes two matches of two lists the same one, the surest first: IDWise's id of the listed person, its id of the
 * match, and, for answers of before there were ids, name, dates of birth and countries.
 *
 * Takes a match; returns its identities, each a text that holds personal data.
 */
export function identitiesOf(match: FetchedMatch): readonly string[] {
  const resourceId = resourceIdOf(match);
  const matchId = idOf(match['match_id']);
  const likeness = [match['name'], match['datesOfBirth'], match['countries']].map(wordsOf);
  return [
    ...(resourceId === null ? [] : [`resource:${resourceId}`]),
    ...(matchId === null ? [] : [`match:${matchId}`]),
    `like:${likeness.join('|')}`,
  ];
}

function idOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** The words of a value, whatever their case, accents and order: lists of before and after differ in these. */
function wordsOf(value: unknown): string {
  const items = Array.isArray(value) ? value : [value];
  return items
    .filter((item) => typeof item === 'string' || typeof item === 'number')
    .flatMap((item) =>
      String(item)
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u),
    )
    .filter((word) => word !== '')
    .sort()
    .join(' ');
}

/**
 * What is not said of the person: how IDWise numbers the record, and whether somebody whitelisted it. IDWise's own word
 * of what changed is an open set and repeats what the comparison shows.
 */
const NOT_OF_THE_PERSON: ReadonlySet<string> = new Set([
  'aml_record_version',
  'ongoing_monitor_update_type',
  'is_whitelisted',
  'match_status',
]);

/** Takes two matches; returns the names of the members in which what they say of the person differs, sorted. */
export function changedMembers(before: FetchedMatch, after: FetchedMatch): readonly string[] {
  const members = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...members]
    .filter((member) => !NOT_OF_THE_PERSON.has(member))
    .filter((member) => canonical(before[member]) !== canonical(after[member]))
    .sort();
}

/**
 * One text for equal meaning: members sorted, lists in any order, numbers and their texts the same (contract §4.6 has
 * years of birth as both), and what is empty or null as if it were not there.
 */
function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    const items = value.map(canonical).filter((item) => item !== '');
    return items.length === 0 ? '' : `[${items.sort().join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .map(([name, member]) => [name, canonical(member)] as const)
      .filter(([, text]) => text !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, text]) => `${JSON.stringify(name)}:${text}`);
    return members.length === 0 ? '' : `{${members.join(',')}}`;
  }
  return value === null || value === undefined || value === '' ? '' : JSON.stringify(String(value));
}
