import { describe, expect, test } from '@jest/globals';
import type { OutboxMessage, OutboxRow } from '../store/outbox-records.js';
import { nextRecipientRow } from './mail-hand-over.js';
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

  test('ends also where the list was turned round meanwhile: nobody is handed what they did not take', () => {
    const once = nextRecipientRow(openedTo('a@x.test'), ['a@x.test', 'b@x.test'], AT);
    expect(once && nextRecipientRow(once, ['b@x.test', 'a@x.test'], AT)).toBeNull();
  });

  test('owes the next address the same message, as a row of its own with no attempts', () => {
    const next = nextRecipientRow(openedTo('a@x.test'), ['a@x.test', 'b@x.test'], AT);
    expect(next).toEqual({
      ...mailRow({ ...SAMPLE_MAILS.case_opened, to: 'b@x.test', insteadOf: ['a@x.test'] }),
      _id: 'msg_1:2',
      createdAt: AT,
      attemptCount: 0,
      attempts: [],
    });
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

describe('a mail about a case that is handed over', () => {
  const order = ['officer@bank.example', 'deputy@bank.example', 'head@bank.example', 'board@bank.example'];
  const [officer, deputy, head, board] = order;
  const handedOver = (message: OutboxMessage | undefined) =>
    message && nextRecipientRow(mailRow(message), order, AT)?.message;

  test('names each one in whose place it comes, and none of them as somebody who knows', () => {
    const first = handedOver(SAMPLE_MAILS.case_opened);
    expect(first).toMatchObject({ to: deputy, toldToo: [], insteadOf: [officer] });
    expect(handedOver(first)).toMatchObject({ to: head, toldToo: [], insteadOf: [officer, deputy] });
  });

  test('says who the clock of the case turns to next, which is no matter of who has the mail', () => {
    const opened = { ...SAMPLE_MAILS.case_opened, next: head ?? null };
    expect(handedOver(opened)).toMatchObject({ to: deputy, next: head });
    expect(handedOver(handedOver(opened))).toMatchObject({ to: head, next: head });
    expect(handedOver({ ...opened, next: null })).toMatchObject({ to: deputy, next: null });
  });

  test('announces no dead mailbox: what comes for that one comes to whoever has the mail now', () => {
    const opened = { ...SAMPLE_MAILS.case_opened, next: deputy ?? null };
    expect(handedOver(handedOver(opened))).toMatchObject({ to: head, next: head });
    expect(handedOver(handedOver(handedOver(opened)))).toMatchObject({ to: board, next: board });
  });

  test('goes to nobody who is sent the same mail anyway', () => {
    expect(handedOver({ ...SAMPLE_MAILS.case_reminder, to: 'officer@bank.example' })).toBeUndefined();
  });

  test('goes also to somebody who knows of the case where it is an escalation, which is sent to one alone', () => {
    const escalated: OutboxMessage = {
      ...SAMPLE_MAILS.case_escalated,
      to: 'deputy@bank.example',
      toldToo: ['officer@bank.example', 'head@bank.example'],
      next: 'head@bank.example',
    };
    expect(handedOver(escalated)).toEqual({
      ...escalated,
      to: head,
      toldToo: [officer],
      insteadOf: [deputy],
    });
  });
});
