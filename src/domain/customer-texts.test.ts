import { describe, expect, test } from '@jest/globals';
import { redoStep, redoText, statusText, TOLD_CODES } from './customer-texts.js';
import { STATUSES } from './policy.js';

const FORBIDDEN =
  /\baml\b|laundering|sanction|watch.?list|politically|\bpep\b|compliance|fraud|risk|suspicio|screen|match|fake|forg|duplicate|monitor/i;
const CAPTURE_CODES = [
  'RESUBMIT_BAD_QUALITY',
  'RESUBMIT_BLUR',
  'unrecognized_document',
  'selfie_quality',
  'FACE_TOO_CLOSE',
  'FACE_CLOSE_TO_BORDER',
  'FACE_CROPPED',
  'FACE_IS_OCCLUDED',
  'FACE_NOT_FOUND',
  'TOO_MANY_FACES',
  'FACE_TOO_SMALL',
];

describe('texts for the customer', () => {
  test.each(STATUSES)('%s has a text, and it tells nothing of AML, compliance or fraud', (status) => {
    const told = statusText(status);
    expect(told?.text).toMatch(/\.$/);
    expect(JSON.stringify(told)).not.toMatch(FORBIDDEN);
  });

  test.each(CAPTURE_CODES)('%s, a matter of capture, is told in words of its own', (code) => {
    expect(redoText(code)).not.toEqual(redoText(null));
    expect(redoText(code).code).toBe(code.toLowerCase());
    expect(redoText(code).text).not.toMatch(FORBIDDEN);
  });

  test.each(TOLD_CODES)('%s, on the list, is told in a sentence without AML, compliance or fraud', (code) => {
    expect(redoText(code).text).toMatch(/^[A-Z].*\.$/);
    expect(JSON.stringify(redoText(code))).not.toMatch(FORBIDDEN);
  });

  test.each([
    'AML_MATCH',
    'no_aml_records',
    'REJECT_FRAUD',
    'SUSPECTED_FORGERY',
    'face_too_close',
    '',
    'constructor',
    '__proto__',
    'toString',
    '<script>',
  ])('the code %j, which is not on the list, shows neither itself nor its reason', (code) => {
    expect(redoText(code)).toEqual(redoText(null));
    expect(redoText(code)).toEqual({ code: 'redo_step', text: expect.any(String) });
  });

  test('a step to redo names journey and step, and its reason only from the list', () => {
    expect(redoStep('journey-1', '0', 'RESUBMIT_BLUR', 2)).toEqual({
      action: 'redo_step',
      journeyId: 'journey-1',
      stepId: '0',
      reason: { code: 'resubmit_blur', text: 'The picture was blurred.' },
      triesLeft: 2,
    });
    expect(redoStep('journey-1', null, 'AML_MATCH', 2).reason).toEqual(redoText(null));
  });
});
