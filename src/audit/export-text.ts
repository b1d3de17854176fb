import type { AuditExport } from './audit-export.js';
import type { AuditRecord } from './audit-record.js';
import { counted, findingLine } from './finding.js';

/** Takes an export; returns it as JSON, the one form that can be verified without our software. */
export function exportJson(audit: AuditExport): string {
  return `${JSON.stringify(audit, null, 2)}\n`;
}

const COLUMNS = [
  'referenceNo',
  'sequence',
  'at',
  'actor',
  'causeKind',
  'causeId',
  'because',
  'effect',
  'journeyId',
  'from',
  'to',
  'policyVersion',
  'snapshotDigest',
  'previousHash',
  'hash',
  'id',
  'verification',
] as const;

/**
 * Takes an export; returns it as CSV (RFC 4180) with one line per record. The last column says what is wrong with the
 * record, `whole` where nothing is. A cell that a spreadsheet would take for a formula begins with an apostrophe.
 */
export function exportCsv({ customers }: AuditExport): string {
  const lines = customers.flatMap(({ records, findings }) =>
    records.map((record) => {
      const own = findings.filter(({ sequence }) => sequence === record.sequence);
      const verification =
        own.length === 0 ? 'whole' : own.map(({ kind, text }) => `${kind}: ${text}`).join('; ');
      return COLUMNS.map((column) =>
        cell(column === 'verification' ? verification : valueIn(record, column)),
      );
    }),
  );
  return [COLUMNS, ...lines].map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** Takes an export; returns its verification as lines of text, for those formats that cannot be verified themselves. */
export function verificationText({ verification, howToVerify, publicKeys, exportedAt }: AuditExport): string {
  const { isWhole, customers, records, latestCheckpoint, findings } = verification;
  const keys = Object.keys(publicKeys);
  return [
    `Exported at ${exportedAt}. ${counted(records, 'record')} of ${counted(customers, 'customer')}.`,
    isWhole ? 'Verified: every chain is whole.' : `NOT WHOLE: ${counted(findings.length, 'finding')}.`,
    ...findings.map(findingLine),
    latestCheckpoint === null
      ? 'There is no checkpoint: records that were cut off the end would not be noticed.'
      : `Latest signed checkpoint: ${latestCheckpoint.number}, ${latestCheckpoint.at}.`,
    ...keys.map((key) => `Fingerprint of the signing key: ${key}`),
    `To verify without this software, export as JSON. ${howToVerify}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function valueIn(record: AuditRecord, column: Exclude<(typeof COLUMNS)[number], 'verification'>): unknown {
  const cause = (record['cause'] ?? {}) as { kind?: string; id?: string; because?: readonly string[] };
  switch (column) {
    case 'causeKind':
      return cause.kind;
    case 'causeId':
      return cause.id;
    case 'because':
      return cause.because?.join(' ');
    default:
      return record[column];
  }
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
