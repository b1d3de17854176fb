import type { OutboxRow } from '../store/records.js';

/**
 * Who is told when a mail to compliance can never arrive: the next address in the order of escalation, so that one
 * dead mailbox does not leave a change without an answer. Whoever is told of the same matter anyway is not told twice.
 *
 * Takes the row that is given up, the addresses in order of escalation, and the time; returns the row that is owed to
 * the next one, or null when it is no mail, nobody is left, or the next one has the mail already. The same row yields the
 * same successor. The message key stays, so that the Message-ID differs by its recipient only.
 */
export function nextRecipientRow(row: OutboxRow, recipients: readonly string[], at: Date): OutboxRow | null {
  const { message } = row;
  if (message.channel !== 'compliance_mail') return null;
  // An address that stands twice would otherwise hand over to itself for ever.
  const order = [...new Set(recipients)];
  const position = order.indexOf(message.to) + 1;
  const to = order[position];
  if (to === undefined) return null;
  if (message.toldToo.includes(to)) return null;
  return {
    _id: `${row._id}:${position + 1}`,
    referenceNo: row.referenceNo,
    message: { ...message, to, next: order[position + 1] ?? null },
    state: 'pending',
    createdAt: at,
    attemptCount: 0,
    attempts: [],
    settledAt: null,
  };
}
