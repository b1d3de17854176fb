import { randomUUID } from 'node:crypto';
import type { CaseMail, OutboxMessage, OutboxRow } from '../../src/store/outbox-records.js';

/** Takes a message and what differs from a fresh row; returns the row, owed since now. */
export function owed(message: OutboxMessage, differing: Partial<OutboxRow> = {}): OutboxRow {
  return {
    _id: `msg_${randomUUID().replaceAll('-', '')}`,
    referenceNo: 'REF-1',
    message,
    state: 'pending',
    createdAt: new Date(),
    attemptCount: 0,
    attempts: [],
    settledAt: null,
    ...differing,
  };
}

export const STATUS_EVENT: Extract<OutboxMessage, { channel: 'company_webhook' }> = {
  channel: 'company_webhook',
  event: {
    type: 'verification.status_changed',
    timestamp: '2026-11-23T10:00:00.000Z',
    data: { referenceNo: 'REF-1', status: 'approved', access: 'full', version: 7 },
  },
};

/** A new case, of which the first one in the order of escalation is told. */
export const CASE_MAIL: CaseMail = {
  channel: 'compliance_mail',
  template: 'case_opened',
  messageKey: 'case_1:v1',
  to: 'first@bank.test',
  toldToo: [],
  next: 'second@bank.test',
  timeZone: 'UTC',
  case: {
    caseId: 'case_1',
    referenceNo: 'REF-1',
    kind: 'aml',
    severity: 'high',
    version: 1,
    change: { added: 1, removed: 0, changed: 0, amlVersionFrom: 1, amlVersionTo: 2 },
    detectedAt: '2026-11-23T10:00:00.000Z',
    dueAt: '2026-11-24T10:00:00.000Z',
    acknowledgeBy: '2026-11-23T11:00:00.000Z',
  },
};
