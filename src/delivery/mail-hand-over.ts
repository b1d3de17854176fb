import type { CaseMail, OutboxRow } from '../store/outbox-records.js';

/**
 * Who is told when a mail to compliance can never arrive: the next address in the order of escalation, so that one
 * dead mailbox does not leave a change without an answer. Who is sent the same mail anyway is not told twice.
 *
 * Of the clock of the case a hand-over changes nothing. So the mail goes on to say who is told if nobody acknowledges,
 * which may well be the one who has it now; of a dead mailbox it says so no more, because what comes for that one is
 * handed over like this mail.
 *
 * Takes the row that is given up, the addresses in order of escalation, and the time; returns the row that is owed to
 * the next one, or null when it is no mail, nobody is left, or the next one has the mail already. The same row yields the
 * same successor. The message key stays, so that the Message-ID differs by its recipient only.
 */
export function nextRecipientRow(row: OutboxRow, recipients: readonly string[], at: Date): OutboxRow | null {
  const { message } = row;
  if (message.channel !== 'compliance_mail') return null;
  const insteadOf = [...(message.insteadOf ?? []), message.to];
  // An address that stands twice, or moved in the list meanwhile, would otherwise be handed its own mail.
  const order = [...new Set(recipients)];
  const after = order.indexOf(message.to) + 1;
  const place = order.findIndex((address, index) => index >= after && !insteadOf.includes(address));
  const to = order[place];
  if (to === undefined || hasItToo(message, to)) return null;
  const handedOver = {
    ...message,
    to,
    toldToo: message.toldToo.filter((other) => other !== to),
    next: message.next !== null && insteadOf.includes(message.next) ? to : message.next,
    insteadOf,
  };
  return {
    _id: `${row._id}:${place + 1}`,
    referenceNo: row.referenceNo,
    message: handedOver,
    state: 'pending',
    createdAt: at,
    attemptCount: 0,
    attempts: [],
    settledAt: null,
  };
}

/** Whoever else is told of a case is sent each mail about it, but for one: an escalation is sent to one alone. */
function hasItToo({ template, toldToo }: CaseMail, address: string): boolean {
  return template !== 'case_escalated' && toldToo.includes(address);
}
