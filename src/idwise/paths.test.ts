import { expect, test } from '@jest/globals';
import { readPathOverrides, urlFor } from './paths.js';

test('a path under any base URL gets one slash and encoded ids', () => {
  const url = (base: string) => urlFor(base, {}, 'getJourney', { journeyId: 'a/b?c' });
  expect(url('https://api.idwise.com')).toBe('https://api.idwise.com/journey/v2/a%2Fb%3Fc');
  expect(url('https://proxy.example/idwise/')).toBe('https://proxy.example/idwise/journey/v2/a%2Fb%3Fc');
});

test('an image path keeps its slashes and never climbs', () => {
  const url = (imagePath: string) => urlFor('https://x', {}, 'getImage', { imagePath });
  expect(url('2024/ab c.jpg')).toBe('https://x/journey/v2/image/2024/ab%20c.jpg');
  expect(url('a/../../secret')).toBeNull();
});

test('overrides of known endpoints with their placeholders are taken', () => {
  expect(readPathOverrides('{"getJourney": "/v2/{journeyId}/result"}')).toEqual({
    kind: 'overrides',
    overrides: { getJourney: '/v2/{journeyId}/result' },
  });
});

test.each([
  ['not json', 'not JSON'],
  ['[]', 'one object'],
  ['{"getJorney": "/x"}', 'no such endpoint'],
  ['{"getJourney": "/x"}', '{journeyId} is missing'],
  ['{"getJourney": "/x/{journeyId}/{id}"}', '{id} is not known'],
  ['{"getJourney": "https://elsewhere/{journeyId}"}', 'one slash'],
  ['{"getJourney": "//elsewhere/{journeyId}"}', 'one slash'],
  ['{"getJourney": 5}', 'one slash'],
])('overrides %s are refused with a reason that names the mistake', (text, reason) => {
  const read = readPathOverrides(text);
  expect(read.kind === 'invalid' && read.problems.join()).toContain(reason);
});
