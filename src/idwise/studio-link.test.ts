import { describe, expect, test } from '@jest/globals';
import { studioLink } from './studio-link.js';

describe('the link to a journey in IDWise Studio', () => {
  test('names the journey wherever the template does', () => {
    const template = 'https://studio.idwise.example/{journeyId}?back=/journeys/{journeyId}';
    expect(studioLink(template, '65a1b2c3')).toBe(
      'https://studio.idwise.example/65a1b2c3?back=/journeys/65a1b2c3',
    );
  });

  test('lets no journey id break out of its place in the address', () => {
    const link = studioLink(
      'https://studio.idwise.example/journeys/{journeyId}?tab=aml',
      'a/../b?c=$&"><script>',
    );
    expect(link).toBe(
      'https://studio.idwise.example/journeys/a%2F..%2Fb%3Fc%3D%24%26%22%3E%3Cscript%3E?tab=aml',
    );
  });

  test('is none where no address of the Studio is configured', () => {
    expect(studioLink(null, '65a1b2c3')).toBeNull();
  });
});
