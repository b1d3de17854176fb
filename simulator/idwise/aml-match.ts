import { randomBytes } from 'node:crypto';
import type { AmlMatch } from './journey.js';
import { type Overrides, overlay } from './overlay.js';
import type { Person } from './persons.js';

/**
 * Invents an entry of a watch list that looks like the person.
 *
 * @param members what shall be otherwise; undefined members are ignored
 */
export function inventMatch(person: Person, members: Overrides<AmlMatch>): AmlMatch {
  const match: AmlMatch = {
    resourceId: randomBytes(16).toString('hex'),
    matchId: randomBytes(8).toString('hex'),
    name: `${person.firstName} ${person.lastName}`,
    score: 92,
    datasets: ['Sanctions'],
    countries: ['XX'],
    datesOfBirth: [Number(person.birthDate.slice(0, 4))],
    sex: person.sex === 'male' ? 'Male' : 'Female',
    isWhitelisted: false,
    matchStatus: 'Potential Match',
  };
  return overlay(match, members);
}
