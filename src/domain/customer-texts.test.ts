import { describe, expect, test } from '@jest/globals';
import { WORDS_NOT_FOR_CUSTOMERS } from '../../test/builders/words-not-for-customers.js';
import { redoStep, redoText, renewStep, statusText, TOLD_REASONS } from './customer-texts.js';
import { DEFAULT_POLICY, STATUSES } from './policy.js';
import { CAPTURE_TEXT_CODES, STATUS_TEXT_CODES } from './texts/codes.js';
import { ENGLISH } from './texts/en.js';

const FORBIDDEN = WORDS_NOT_FOR_CUSTOMERS['en'] ?? /^/;

/** Contract §4.3: every status code of IDWise's liveness check. */
const LIVENESS_CODES = [
  'FACE_TOO_CLOSE',
  'FACE_CLOSE_TO_BORDER',
  'FACE_CROPPED',
  'FACE_IS_OCCLUDED',
  'FACE_NOT_FOUND',
  'TOO_MANY_FACES',
  'FACE_TOO_SMALL',
];

describe('texts for the customer', () => {
  test('each status has one of its own, and it tells nothing of AML, compliance or fraud', () => {
    const told = STATUSES.map(statusText);
    expect(told.map(({ code }) => code).sort()).toEqual([...STATUS_TEXT_CODES].sort());
    expect(JSON.stringify(told)).not.toMatch(FORBIDDEN);
  });

  test.each([...LIVENESS_CODES, ...DEFAULT_POLICY.captureRules, 'RESUBMIT_BAD_QUALITY'])(
    '%s, a matter of capture, is told in words of its own',
    (reason) => {
      expect(redoText(reason)).toEqual({ code: reason.toLowerCase(), text: expect.stringMatching(/\.$/) });
      expect(redoText(reason)).not.toEqual(redoText(null));
    },
  );

  test.each([
    ['expired_document', 'resubmit_expired'],
    ['proof_policy', 'resubmit_wrong_document'],
    ['RESUBMIT_BLURRY', 'resubmit_blur'],
    ['Resubmit-Blurred', 'resubmit_blur'],
    ['resubmit blur', 'resubmit_blur'],
    ['BLUR', 'resubmit_blur'],
    ['RESUBMIT_FACE_NOT_FOUND', 'face_not_found'],
    ['DOCUMENT_EXPIRED', 'document_expired'],
  ])('%s is told as %s', (reason, code) => {
    expect(redoText(reason).code).toBe(code);
  });

  test('every reason that is told leads to a fault of capture on the list, in English', () => {
    expect(TOLD_REASONS.length).toBeGreaterThan(CAPTURE_TEXT_CODES.length);
    for (const reason of TOLD_REASONS) {
      const { code, text } = redoText(reason);
      expect(CAPTURE_TEXT_CODES).toContain(code);
      expect(text).toBe(ENGLISH[code as keyof typeof ENGLISH]);
      expect(reason).not.toMatch(FORBIDDEN);
    }
  });

  test.each([
    'AML_MATCH',
    'no_aml_records',
    'REJECT_FRAUD',
    'RESUBMIT_SUSPECTED_FORGERY',
    'RESUBMIT_AML',
    'RESUBMIT_',
    // Rules of IDWise that say something of the person or of authenticity, should a policy call them capture rules.
    'document_validation',
    'same_subject',
    'no_duplicate_applicant',
    'no_duplicate_documents',
    'under_age',
    'approved_nationality',
    '',
    'constructor',
    '__proto__',
    'toString',
    '<script>',
    // Codes of the list that are no reasons.
    'verified',
    'redo_step',
  ])('the code %j, which is not on the list, shows neither itself nor its reason', (reason) => {
    expect(redoText(reason)).toEqual({ code: 'redo_step', text: ENGLISH.redo_step });
    expect(renewStep('journey-1', '0', reason).reason).toEqual({
      code: 'renew_step',
      text: ENGLISH.renew_step,
    });
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
