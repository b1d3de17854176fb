import type { CaseTemplate } from '../domain/cases/case-notices.js';
import type { CaseInMail, CaseMail } from '../store/outbox-records.js';

/** One mail to compliance of each template, made up, for whoever wants to see what they look like. */

const CASE: CaseInMail = {
  caseId: '4F2C-91B7',
  referenceNo: 'REF-2026/0042',
  kind: 'aml',
  severity: 'high',
  version: 1,
  change: { added: 2, removed: 0, changed: 1, amlVersionFrom: 1, amlVersionTo: 2 },
  detectedAt: '2026-11-23T10:05:59.123Z',
  dueAt: '2026-11-24T10:05:59.123Z',
  acknowledgeBy: '2026-11-23T11:06:00.000Z',
};

const FOR_ALL = {
  channel: 'compliance_mail',
  to: 'officer@bank.example',
  toldToo: ['deputy@bank.example'],
  next: 'head@bank.example',
  timeZone: 'Europe/Berlin',
} as const;

function single(template: Exclude<CaseTemplate, 'case_digest'>, changes: Partial<CaseInMail> = {}): CaseMail {
  const about = { ...CASE, ...changes };
  const messageKey = `case:${about.caseId}:v${about.version}:${template}`;
  return { ...FOR_ALL, template, messageKey, case: about };
}

export const SAMPLE_MAILS: Readonly<Record<CaseTemplate, CaseMail>> = {
  case_opened: { ...single('case_opened'), toldToo: [], next: 'deputy@bank.example' },
  case_version_added: single('case_version_added', {
    version: 2,
    severity: 'critical',
    change: { added: 1, removed: 0, changed: 0, amlVersionFrom: 2, amlVersionTo: 3 },
    dueAt: '2026-11-23T14:05:59.123Z',
  }),
  case_reminder: single('case_reminder', { acknowledgeBy: null }),
  case_escalated: { ...single('case_escalated'), to: 'head@bank.example', next: null },
  case_overdue: single('case_overdue', { acknowledgeBy: null }),
  case_digest: {
    ...FOR_ALL,
    template: 'case_digest',
    messageKey: 'digest:2026-11-24T08:00:00.000Z',
    toldToo: [],
    next: null,
    cases: [
      {
        ...CASE,
        severity: 'low',
        change: { added: 0, removed: 1, changed: 0, amlVersionFrom: 1, amlVersionTo: 2 },
        dueAt: '2026-11-30T10:05:59.123Z',
      },
      {
        ...CASE,
        caseId: '8A03-77D1',
        referenceNo: 'REF-2026/0051',
        kind: 'review',
        severity: 'low',
        change: null,
        dueAt: '2026-11-30T11:00:00.000Z',
      },
    ],
  },
};
