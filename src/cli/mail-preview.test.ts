import { describe, expect, test } from '@jest/globals';
import { CASE_TEMPLATES } from '../domain/cases/case-notices.js';
import { previewMail } from './mail-preview.js';

describe('the preview of mails', () => {
  test('shows every template, or the one that is named, without any configuration', () => {
    const all = previewMail(undefined, 'text');
    if (all.kind !== 'shown') throw new Error('Nothing is shown.');
    for (const template of CASE_TEMPLATES) {
      expect(all.text).toContain(`===== ${template} =====`);
      const one = previewMail(template, 'text');
      expect(one.kind === 'shown' && all.text.includes(one.text)).toBe(true);
    }
  });

  test('shows the HTML as it is sent', () => {
    const shown = previewMail('case_opened', 'html');
    expect(shown.kind === 'shown' && shown.text.startsWith('<!doctype html>')).toBe(true);
  });

  test('names the templates that there are where it is asked for another', () => {
    expect(previewMail('no_such', 'text')).toEqual({
      kind: 'unknown_template',
      templates: CASE_TEMPLATES,
    });
  });
});
