import type { OutboxRow } from '../../src/store/outbox-records.js';
import type { AuditRow } from '../../src/store/records.js';
import type { Ledger } from './ledger.js';

/** What a case does that its first recipient is mailed of at once. */
const MAILED: ReadonlySet<string> = new Set(['case:case_opened', 'case:version_added', 'case:reopened']);

/**
 * One version of a case for each AML change, and one Message-ID for each version: as many as there are effects, however
 * often each mail was sent.
 *
 * Takes the ledger; returns one sentence for each customer of whom that does not hold.
 */
export function mailTrouble({ mails, audit, outbox }: Pick<Ledger, 'mails' | 'audit' | 'outbox'>): string[] {
  const owed = outbox.filter((row) => row.message.channel === 'compliance_mail');
  const told = audit.filter((record) => MAILED.has(record.effect));
  const changes = audit.filter((record) => record.effect.startsWith('aml_changed'));
  return [...new Set([...owed, ...told, ...changes].map((row) => row.referenceNo))].flatMap((referenceNo) => {
    const of = <Row extends { readonly referenceNo: string }>(rows: readonly Row[]) =>
      rows.filter((row) => row.referenceNo === referenceNo).length;
    const ids = new Set(
      mails.filter((mail) => mail.text.includes(referenceNo)).map((mail) => mail.messageId),
    );
    const isOfAml = (record: AuditRow) => owed.some((row) => isAbout(row, record));
    const versions = of(told.filter(isOfAml));
    const isWhole = ids.size === of(told) && of(owed) === of(told) && versions === of(changes);
    return isWhole
      ? []
      : [
          `${referenceNo}: ${of(changes)} AML changes, ${versions} versions of AML cases, ` +
            `${of(told)} versions of all, ${of(owed)} mails owed, ${ids.size} Message-IDs received`,
        ];
  });
}

function isAbout({ message }: OutboxRow, { to }: AuditRow): boolean {
  return (
    message.channel === 'compliance_mail' &&
    'case' in message &&
    message.case.kind === 'aml' &&
    message.case.caseId === (to as { caseId?: string }).caseId
  );
}
