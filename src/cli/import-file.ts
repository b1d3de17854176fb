import { importLine } from '../http/import-schemas.js';
import type { ImportLine } from '../usecases/import-customers.js';

/** A line of the file that can be sent, with its number, counted from 1. */
export interface NumberedLine extends ImportLine {
  readonly line: number;
}

/** A line that cannot be sent: what stands in it, as far as it can be told, and what is wrong. */
export interface MalformedLine extends Partial<ImportLine> {
  readonly line: number;
  readonly problem: string;
}

export type ImportFile =
  | {
      readonly kind: 'lines';
      readonly lines: readonly NumberedLine[];
      readonly malformed: readonly MalformedLine[];
      /** How many lines say what an earlier one has said. */
      readonly repeats: number;
    }
  /** Nothing of it can be taken. */
  | { readonly kind: 'unreadable'; readonly problem: string };

const COLUMNS = ['customerId', 'referenceNo', 'journeyId'] as const;

/**
 * Takes the bytes of a list of customers, as CSV; returns its lines, checked by the rules of the HTTP API. A first line
 * with the names of the columns gives their order, and may name others, which are ignored; blank lines and those that
 * begin with `#` are skipped. Nothing that can be sent holds a line break, so that a quote which is not closed spoils its
 * own line only.
 */
export function readImportFile(bytes: Uint8Array): ImportFile {
  const text = textOf(bytes);
  if (text === null) return { kind: 'unreadable', problem: 'It is not UTF-8; save it as CSV in UTF-8.' };
  const rows = text
    .split(/\r\n|\n|\r/)
    .map((row, index) => ({ line: index + 1, row }))
    .filter(({ row }) => row.trim() !== '' && !row.trimStart().startsWith('#'));
  const header = headerOf(rows[0]?.row ?? '');
  if (header.kind === 'incomplete') {
    return {
      kind: 'unreadable',
      problem: `The names of the columns in line ${rows[0]?.line} lack ${header.missing.join(' and ')}.`,
    };
  }
  const places = header.kind === 'header' ? header.places : null;
  const lines: NumberedLine[] = [];
  const malformed: MalformedLine[] = [];
  const seen = new Set<string>();
  let repeats = 0;
  for (const { line, row } of places === null ? rows : rows.slice(1)) {
    const read = readLine(row, places);
    if (read.kind === 'malformed') {
      malformed.push({ line, ...read.told, problem: read.problem });
      continue;
    }
    const key = JSON.stringify(COLUMNS.map((column) => read.value[column]));
    if (seen.has(key)) repeats += 1;
    else lines.push({ line, ...read.value });
    seen.add(key);
  }
  return { kind: 'lines', lines, malformed, repeats };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    // Its default is to drop the mark that some programs put before UTF-8.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

type Places = readonly [customerId: number, referenceNo: number, journeyId: number];

type Header =
  | { readonly kind: 'none' }
  | { readonly kind: 'header'; readonly places: Places }
  | { readonly kind: 'incomplete'; readonly missing: readonly string[] };

/** `customer_id` and `Customer ID` are the name as well; a line in which none of the three stands is a customer's. */
function headerOf(row: string): Header {
  const names = (cellsOf(row) ?? []).map((cell) => cell.toLowerCase().replace(/[\s_-]/g, ''));
  const placeOf = (column: string) => names.indexOf(column.toLowerCase());
  const places: Places = [placeOf('customerId'), placeOf('referenceNo'), placeOf('journeyId')];
  const missing = COLUMNS.filter((_, index) => places[index] === -1);
  if (missing.length === COLUMNS.length) return { kind: 'none' };
  return missing.length === 0 ? { kind: 'header', places } : { kind: 'incomplete', missing };
}

type ReadLine =
  | { readonly kind: 'line'; readonly value: ImportLine }
  | { readonly kind: 'malformed'; readonly told: Partial<ImportLine>; readonly problem: string };

function readLine(row: string, places: Places | null): ReadLine {
  const cells = cellsOf(row);
  if (cells === null)
    return {
      kind: 'malformed',
      told: {},
      problem: 'a quote is not closed, or something follows one that is',
    };
  if (places === null && cells.length !== COLUMNS.length) {
    const columns = `${cells.length} ${cells.length === 1 ? 'column' : 'columns'}`;
    return {
      kind: 'malformed',
      told: {},
      problem: `has ${columns} instead of 3: customerId,referenceNo,journeyId, separated by commas`,
    };
  }
  const [customerId = '', referenceNo = '', journeyId = ''] = (places ?? [0, 1, 2]).map(
    (place) => cells[place] ?? '',
  );
  const told = { customerId, referenceNo, journeyId };
  const read = importLine.safeParse(told);
  if (read.success) return { kind: 'line', value: read.data };
  const problem = read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  return { kind: 'malformed', told, problem };
}

/** Takes one line of CSV (RFC 4180, without breaks in cells); returns its cells, or null where quotes do not pair. */
function cellsOf(row: string): string[] | null {
  const cells: string[] = [];
  const cell = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  for (;;) {
    const match = cell.exec(row);
    if (match === null) return null;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2]?.trim() ?? '');
    if (match[3] === '') return cells;
  }
}
