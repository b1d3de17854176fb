import PDFDocument from 'pdfkit';
import type { AuditExport, ExportedCustomer } from './audit-export.js';
import type { AuditRecord } from './audit-record.js';
import { counted, findingLine } from './finding.js';

type Document = PDFKit.PDFDocument;

const REGULAR = 'Helvetica';
const BOLD = 'Helvetica-Bold';
const MONO = 'Courier';
const INK = '#111111';
const QUIET = '#5b6470';
const RULE = '#c9ced6';
const ALERT = '#a40000';
const MARGIN = 50;
const FOOTER_HEIGHT = 24;

/**
 * Takes an export; returns it as a PDF for a person to read: what was exported and whether it is whole, how to repeat
 * that, then each customer's records in order. All times are in UTC.
 */
export async function exportPdf(audit: AuditExport): Promise<Buffer> {
  const document = new PDFDocument({
    size: 'A4',
    margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + FOOTER_HEIGHT },
    bufferPages: true,
    lang: 'en',
    displayTitle: true,
    info: { Title: 'Audit trail', Subject: subjectOf(audit), CreationDate: new Date(audit.exportedAt) },
  });
  const parts: Buffer[] = [];
  document.on('data', (part: Buffer) => parts.push(part));
  const ended = new Promise<void>((resolve, reject) => {
    document.on('end', resolve);
    document.on('error', reject);
  });
  firstPage(document, audit);
  for (const customer of audit.customers) customerPages(document, customer);
  footers(document, audit);
  document.end();
  await ended;
  return Buffer.concat(parts);
}

function firstPage(document: Document, audit: AuditExport): void {
  const { verification, publicKeys, policies } = audit;
  document.font(BOLD).fontSize(22).fillColor(INK).text('Audit trail');
  document
    .font(REGULAR)
    .fontSize(11)
    .fillColor(QUIET)
    .text(printable(subjectOf(audit)));
  document.moveDown(1.5);

  heading(document, 'Verification');
  const isWhole = verification.isWhole;
  document
    .font(BOLD)
    .fontSize(13)
    .fillColor(isWhole ? INK : ALERT)
    .text(
      isWhole ? 'Every chain is whole.' : `Not whole: ${counted(verification.findings.length, 'finding')}.`,
    );
  document.moveDown(0.3);
  for (const finding of verification.findings) paragraph(document, `- ${findingLine(finding)}`, ALERT);
  facts(document, [
    ['Exported at', time(audit.exportedAt)],
    ['Customers', String(verification.customers)],
    ['Records', String(verification.records)],
    [
      'Latest checkpoint',
      verification.latestCheckpoint === null
        ? 'none: records cut off the end would not be noticed'
        : `number ${verification.latestCheckpoint.number}, ${time(verification.latestCheckpoint.at)}`,
    ],
    ...Object.keys(publicKeys).map((key): [string, string] => ['Signing key', key]),
    ...Object.keys(policies).map((version): [string, string] => ['Policy', version]),
  ]);

  heading(document, 'How to repeat the verification');
  paragraph(
    document,
    'This document is for reading. The same export as JSON can be verified without the software that wrote it: each record carries the SHA-256 hash of the one before, and signed checkpoints attest where each chain ended. ' +
      audit.howToVerify,
  );
  heading(document, 'How to read a record');
  paragraph(
    document,
    'Each record says when (UTC), who or what acted, what happened and why. Reference numbers, journey ids and digests stand for what is kept elsewhere; there is no personal data in the audit trail. A character that this document cannot show is written as \\u{code point}.',
  );
}

function customerPages(
  document: Document,
  { referenceNo, records, checkpoints, findings }: ExportedCustomer,
): void {
  document.addPage();
  document
    .font(BOLD)
    .fontSize(15)
    .fillColor(INK)
    .text(printable(`Customer ${referenceNo}`));
  document.moveDown(0.3);
  facts(document, [
    ['Records', String(records.length)],
    ['Verification', findings.length === 0 ? 'whole' : counted(findings.length, 'finding')],
    ...checkpoints.map(({ body, sequence }): [string, string] => [
      'Checkpoint',
      `number ${body.number}, ${time(body.at)}, attests the records up to ${sequence}`,
    ]),
  ]);
  for (const finding of findings) paragraph(document, `- ${findingLine(finding)}`, ALERT);
  for (const record of records) {
    const isFaulty = findings.some(({ sequence }) => sequence === record.sequence);
    recordBlock(document, record, isFaulty);
  }
}

/** Kept together where it fits: a record that begins at the foot of a page goes to the next one. */
function recordBlock(document: Document, record: AuditRecord, isFaulty: boolean): void {
  const lines = detailsOf(record);
  document.font(REGULAR).fontSize(8.5);
  const width = document.page.width - 2 * MARGIN;
  const height =
    22 + lines.reduce((sum, [, text]) => sum + document.heightOfString(text, { width: width - 90 }) + 1, 0);
  const bottom = document.page.height - document.page.margins.bottom;
  if (document.y + Math.min(height, 300) > bottom) document.addPage();

  const top = document.y + 4;
  document
    .moveTo(MARGIN, top)
    .lineTo(MARGIN + width, top)
    .lineWidth(0.5)
    .strokeColor(RULE)
    .stroke();
  document.x = MARGIN;
  document.y = top + 5;
  document
    .font(BOLD)
    .fontSize(9.5)
    .fillColor(isFaulty ? ALERT : INK)
    .text(
      printable(
        `${record.sequence}   ${time(record.at)}   ${record.effect}${isFaulty ? '   (see findings)' : ''}`,
      ),
    );
  for (const [name, text] of lines) row(document, name, text, 8.5);
}

function detailsOf(record: AuditRecord): [string, string][] {
  const cause = (record['cause'] ?? {}) as { kind?: string; id?: string; because?: readonly string[] };
  const because = cause.because === undefined ? '' : `, because of ${cause.because.join(', ')}`;
  const lines: [string, unknown][] = [
    ['actor', record['actor']],
    ['cause', `${cause.kind ?? ''} ${cause.id ?? ''}${because}`],
    ['journey', record['journeyId']],
    ['from', record['from']],
    ['to', record['to']],
    ['policy', record['policyVersion']],
    ['answer of IDWise', record['snapshotDigest']],
    ['hash', record.hash ?? 'none: written by a release before the chain'],
  ];
  return lines
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [name, printable(typeof value === 'string' ? value : described(value))]);
}

/** Takes what a record holds; returns it as `name: value` pairs, which reads better than JSON. */
function described(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(described).join(', ');
  return Object.entries(value)
    .map(
      ([name, member]) =>
        `${name}: ${typeof member === 'object' && member !== null ? `(${described(member)})` : String(member)}`,
    )
    .join(', ');
}

function heading(document: Document, text: string): void {
  document.moveDown(1).font(BOLD).fontSize(13).fillColor(INK).text(text, MARGIN).moveDown(0.3);
}

function paragraph(document: Document, text: string, color: string = INK): void {
  document.font(REGULAR).fontSize(10).fillColor(color).text(printable(text), MARGIN).moveDown(0.2);
}

function facts(document: Document, rows: readonly (readonly [string, string])[]): void {
  for (const [name, text] of rows) row(document, name, printable(text), 10);
  document.moveDown(0.4);
}

function row(document: Document, name: string, text: string, size: number): void {
  const top = document.y;
  const page = document.bufferedPageRange().count;
  const labelWidth = size > 9 ? 110 : 84;
  document.font(REGULAR).fontSize(size).fillColor(QUIET).text(name, MARGIN, top, { width: labelWidth });
  const begin = document.bufferedPageRange().count === page ? top : document.page.margins.top;
  const lineEnd = document.y;
  const isDigest = /^[0-9a-f]{32,}$/.test(text);
  document
    .font(isDigest ? MONO : REGULAR)
    .fontSize(isDigest ? size - 1 : size)
    .fillColor(INK)
    .text(text, MARGIN + labelWidth + 6, begin);
  if (document.bufferedPageRange().count === page) document.y = Math.max(document.y, lineEnd);
  document.x = MARGIN;
}

function footers(document: Document, audit: AuditExport): void {
  const { start, count } = document.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    document.switchToPage(page);
    // Below the margin, where text would otherwise begin a new page.
    const bottom = document.page.margins.bottom;
    document.page.margins.bottom = 0;
    const y = document.page.height - MARGIN;
    document.font(REGULAR).fontSize(8).fillColor(QUIET);
    document.text(`Exported ${time(audit.exportedAt)}`, MARGIN, y, { lineBreak: false });
    const label = `Page ${page + 1} of ${count}`;
    document.text(label, document.page.width - MARGIN - document.widthOfString(label), y, {
      lineBreak: false,
    });
    document.page.margins.bottom = bottom;
  }
}

function subjectOf({ selection }: AuditExport): string {
  const of = selection as { kind: string } & Readonly<
    Record<'referenceNo' | 'caseId' | 'from' | 'to', string | undefined>
  >;
  switch (of.kind) {
    case 'customer':
      return `Customer ${of.referenceNo ?? ''}`;
    case 'case':
      return `Case ${of.caseId ?? ''} of customer ${of.referenceNo ?? ''}`;
    default:
      return `All customers, ${time(of.from ?? '')} to ${time(of.to ?? '')}`;
  }
}

/** Takes an RFC 3339 time in UTC; returns it for a reader. */
function time(at: string): string {
  return `${at.replace('T', ' ').replace('Z', '')} UTC`;
}

/** Takes text; returns it with what the built-in fonts lack (all but Latin-1) as escapes, so that nothing is lost. */
function printable(text: string): string {
  return text.replace(
    /[^\x20-\x7e\xa1-\xff]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}
