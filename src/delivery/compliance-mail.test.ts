import { describe, expect, test } from '@jest/globals';
import { composeComplianceMail } from './compliance-mail.js';
import type { MessageOf } from './send-outcome.js';

const message: MessageOf<'compliance_mail'> = {
  channel: 'compliance_mail',
  template: 'aml_changed',
  messageKey: 'journey-1:aml:v2',
  to: 'officer@bank.example',
  referenceNo: 'REF-2026/0042',
  journeyId: '65a1b2c3',
  amlVersionFrom: 1,
  amlVersionTo: 2,
  openMatches: 3,
  detectedAt: '2026-11-23T10:05:59.123Z',
};
const options = {
  from: 'Verification <no-reply@bank.example>',
  studioUrlTemplate: 'https://studio.idwise.example/journeys/{journeyId}?tab=aml',
  deskUrl: null,
  systemOwner: null,
};

/** What a reader sees of the HTML, one piece of text per line. */
function visibleText(html: string): string[] {
  return html
    .replace(/<head>[\s\S]*<\/head>/, '')
    .replace(/<[^>]+>/g, '\n')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

describe('the mail to compliance', () => {
  const mail = composeComplianceMail(message, options);

  test('reads like this as text', () => {
    expect(mail.text).toMatchSnapshot();
  });

  test('reads like this as HTML', () => {
    expect(mail.html).toMatchSnapshot();
  });

  test('says the same in both parts', () => {
    const flat = mail.text.replace(/\s+/g, ' ');
    for (const piece of visibleText(mail.html)) expect(flat).toContain(piece);
    expect(mail.html).toContain('href="https://studio.idwise.example/journeys/65a1b2c3?tab=aml"');
    expect(mail.text).toContain('https://studio.idwise.example/journeys/65a1b2c3?tab=aml');
  });

  test('has a subject that is the same for the same reference, so that mail programs keep it together', () => {
    expect(mail.subject).toBe('[AML] Screening changed: REF-2026/0042');
  });

  test('bears the same Message-ID on each attempt, and another for another change or recipient', () => {
    expect(mail.messageId).toMatch(/^<[0-9a-f]{32}@bank\.example>$/);
    expect(composeComplianceMail(message, options).messageId).toBe(mail.messageId);
    const others = [
      composeComplianceMail({ ...message, messageKey: 'journey-1:aml:v3' }, options),
      composeComplianceMail({ ...message, to: 'deputy@bank.example' }, options),
    ];
    expect(new Set([mail, ...others].map(({ messageId }) => messageId)).size).toBe(3);
  });

  test('stands in one thread with the other changes of its journey', () => {
    const later = composeComplianceMail({ ...message, messageKey: 'journey-1:aml:v3' }, options);
    const elsewhere = composeComplianceMail({ ...message, journeyId: 'another' }, options);
    expect(later.threadId).toBe(mail.threadId);
    expect(elsewhere.threadId).not.toBe(mail.threadId);
  });

  test('fetches nothing and tracks nobody: the one address in it is the link', () => {
    expect(mail.html).not.toMatch(/<(img|script|link|iframe|object|form)\b/i);
    expect(mail.html).not.toMatch(/url\(|@import|\bsrc=/i);
    expect(mail.html.match(/https?:/g)).toHaveLength(1);
    expect(mail.text.match(/https?:/g)).toHaveLength(1);
  });

  test('uses no word that accuses', () => {
    for (const part of [mail.subject, mail.text, mail.html]) {
      expect(part).not.toMatch(/suspicious|sanction|terror|crime|\bPEP\b|\bSAR\b/i);
    }
  });

  test('lets no reference or journey id break out of its place', () => {
    const hostile = composeComplianceMail(
      {
        ...message,
        referenceNo: '<b onclick="x">&\'\r\nBcc: other@evil.example\u202e',
        journeyId: 'a/../b?c=$&"><script>',
      },
      options,
    );
    expect(hostile.subject).not.toMatch(/[\r\n\u202e]/);
    expect(hostile.text).not.toMatch(/^Bcc/m);
    expect(hostile.html).not.toContain('<b onclick');
    expect(hostile.html).not.toContain('<script');
    expect(hostile.text).toContain('/journeys/a%2F..%2Fb%3Fc%3D%24%26%22%3E%3Cscript%3E?tab=aml');
  });

  test('names the journey instead of a link where no Studio address is configured', () => {
    const plain = composeComplianceMail(message, { ...options, studioUrlTemplate: null });
    for (const part of [plain.text, plain.html]) {
      expect(part).toContain('Open IDWise Studio and look for the journey named above.');
      expect(part).toContain('65a1b2c3');
      expect(part).not.toMatch(/https?:/);
    }
  });
});
