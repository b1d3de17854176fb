import { describe, expect, test } from '@jest/globals';
import type { OutboxMessage, OutboxRow } from '../store/records.js';
import { nextRecipientRow } from './mail-escalation.js';
import { SAMPLE_MAILS } from './sample-mails.js';

const AT = new Date('2026-11-23T10:00:00.000Z');

function mailRow(message: OutboxMessage): OutboxRow {
  return {
    _id: 'msg_1',
    referenceNo: 'ref-1',
    message,
    state: 'pending',
    createdAt: new Date('2026-11-23T09:00:00.000Z'),
    attemptCount: 4,
    attempts: [{ at: AT, durationMs: 3, outcome: 'smtp_550' }],
    settledAt: null,
  };
}

/** The mail about a new case, to such an address; nobody else has been told. */
function openedTo(to: string): OutboxRow {
  return mailRow({ ...SAMPLE_MAILS.case_opened, to });
}

/** Every address that is told when each one refuses. */
function escalation(first: string, recipients: readonly string[]): string[] {
  const told: string[] = [];
  for (
    let row: OutboxRow | null = openedTo(first);
    row !== null;
    row = nextRecipientRow(row, recipients, AT)
  ) {
    if (row.message.channel === 'compliance_mail') told.push(row.message.to);
    if (told.length > 10) throw new Error('the escalation does not end');
  }
  return told;
}

describe('the order of escalation', () => {
  test('tells each address once, in order, and ends', () => {
    expect(escalation('a@x.test', ['a@x.test', 'b@x.test', 'c@x.test'])).toEqual([
      'a@x.test',
      'b@x.test',
      'c@x.test',
    ]);
  });

  test('ends also where an address stands twice', () => {
    expect(escalation('a@x.test', ['a@x.test', 'a@x.test', 'b@x.test', 'a@x.test'])).toEqual([
      'a@x.test',
      'b@x.test',
    ]);
  });

  test('begins with the first address where the one that refused is no longer in it', () => {
    expect(escalation('gone@x.test', ['a@x.test', 'b@x.test'])).toEqual([
      'gone@x.test',
      'a@x.test',
      'b@x.test',
    ]);
  });

  test('owes the next address the same message, as a row of its own with no attempts', () => {
    const next = nextRecipientRow(openedTo('a@x.test'), ['a@x.test', 'b@x.test'], AT);
    expect(next).toEqual({
      ...mailRow({ ...SAMPLE_MAILS.case_opened, to: 'b@x.test', next: null }),
      _id: 'msg_1:2',
      createdAt: AT,
      attemptCount: 0,
      attempts: [],
    });
  });

  test('tells the next one of a case who is told after them, and not themselves', () => {
    const recipients = ['officer@bank.example', 'deputy@bank.example', 'head@bank.example'];
    const next = nextRecipientRow(mailRow(SAMPLE_MAILS.case_opened), recipients, AT);
    expect(next?.message).toEqual({
      ...SAMPLE_MAILS.case_opened,
      to: 'deputy@bank.example',
      next: 'head@bank.example',
    });
    const last = next && nextRecipientRow(next, recipients, AT);
    expect(last?.message).toMatchObject({ to: 'head@bank.example', next: null });
  });

  test('does not tell somebody twice of a case: who has the mail anyway takes over nobody’s', () => {
    const recipients = ['officer@bank.example', 'deputy@bank.example', 'head@bank.example'];
    expect(nextRecipientRow(mailRow(SAMPLE_MAILS.case_reminder), recipients, AT)).toBeNull();
  });

  test('yields the same id however often it is asked, so that nobody is told twice', () => {
    const recipients = ['a@x.test', 'b@x.test'];
    const ids = [1, 2, 3].map(() => nextRecipientRow(openedTo('a@x.test'), recipients, new Date())?._id);
    expect(new Set(ids).size).toBe(1);
  });

  test('concerns mails only', () => {
    const push: OutboxMessage = { channel: 'web_push', deviceId: 'd', referenceNo: 'ref-1', version: 1 };
    expect(nextRecipientRow(mailRow(push), ['a@x.test', 'b@x.test'], AT)).toBeNull();
  });
});
