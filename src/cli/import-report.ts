import type { z } from 'zod';
import type { importAnswer } from '../http/import-schemas.js';
import type { ParkReason } from '../store/inbox-records.js';
import type { ImportLine } from '../usecases/import-customers.js';
import type { MalformedLine, NumberedLine } from './import-file.js';
import { count, table } from './terminal-text.js';

/** A line that did not fit: why, in words, and what to do about it. */
export interface Misfit extends Partial<ImportLine> {
  readonly line: number;
  readonly reason: MisfitReason;
  readonly problem: string;
  readonly mend: string;
}

type Outcome = z.output<typeof importAnswer>['lines'][number]['outcome'];
type MisfitReason = Exclude<Outcome, 'imported' | 'known'> | ParkReason | 'not_settled';

const CORRECT = 'Correct the line in this report and import the report.';

const REFUSED = {
  customer_bound: {
    problem: 'The customer has another reference number.',
    mend: 'One customer has one reference number: correct the line, or leave it out.',
  },
  reference_bound: {
    problem: 'The reference number belongs to another customer.',
    mend: 'Correct the line; where two customers were verified under one number, one of them verifies anew.',
  },
  customer_closed: {
    problem: 'The customer is off-boarded; no journey of theirs is looked at.',
    mend: "npm run cli -- customers reopen '<referenceNo>' --reason '…', then import again.",
  },
} as const;

/** Takes a line that the service has not taken, and why; returns what the report says of it. */
export function refused(line: NumberedLine, outcome: keyof typeof REFUSED): Misfit {
  return { ...line, reason: outcome, ...REFUSED[outcome] };
}

/** Takes a line that cannot be sent, or that the service calls invalid; returns what the report says of it. */
export function malformed(line: MalformedLine): Misfit {
  return { ...line, reason: 'invalid', mend: CORRECT };
}

/**
 * Takes a line whose journey IDWise does not show, why it was parked (or would be: it is asked for once more now and
 * then), and the inbox row; returns what the report says of it.
 */
export function notFound(line: NumberedLine, reason: ParkReason, eventId: string | null): Misfit {
  const again =
    eventId === null ? '' : ` To ask again: npm run cli -- events replay '${eventId}' --reason '…' --yes`;
  switch (reason) {
    case 'unknown_journey':
      return {
        ...line,
        reason,
        problem: 'IDWise does not know the journey.',
        mend: `Correct the line; or it is of another account or flow than IDWISE_API_KEY is for.${again}`,
      };
    case 'journey_not_ours':
      return {
        ...line,
        reason,
        problem: 'The journey bears another reference number at IDWise.',
        mend: `Look in the Studio which one it bears, and correct the line.${again}`,
      };
    default:
      return {
        ...line,
        reason,
        problem: 'IDWise gave no answer that could be used.',
        mend: `Look what was answered: npm run cli -- events show '${eventId ?? ''}'.${again}`,
      };
  }
}

/** Takes a line whose journey was not looked at in time, and the last answer of IDWise; returns what is said of it. */
export function notSettled(line: NumberedLine, trouble: string | null): Misfit {
  return {
    ...line,
    reason: 'not_settled',
    problem:
      trouble === null
        ? 'The journey has not been looked at yet.'
        : `IDWise has not answered yet: ${trouble}.`,
    mend: 'Nothing is lost: import the same file again later, which says how it stands. Do workers run?',
  };
}

const HEADS = ['customerId', 'referenceNo', 'journeyId', 'line', 'reason', 'problem', 'mend'] as const;

/** Takes what did not fit; returns it as CSV, which can be corrected and imported as it is. */
export function misfitsCsv(misfits: readonly Misfit[]): string {
  const rows = misfits.map((misfit) => HEADS.map((head) => quoted(String(misfit[head] ?? ''))).join(','));
  return `${[HEADS.join(','), ...rows].join('\r\n')}\r\n`;
}

function quoted(cell: string): string {
  return /^[\w.:~@/+-]*$/.test(cell) ? cell : `"${cell.replaceAll('"', '""')}"`;
}

const MOST_SHOWN = 50;

/** Takes what did not fit; returns the table of it for a terminal, and for each reason how to mend it. */
export function misfitsText(misfits: readonly Misfit[]): string {
  if (misfits.length === 0) return '';
  const shown = misfits.slice(0, MOST_SHOWN);
  const more = misfits.length > shown.length ? `\n… and ${misfits.length - shown.length} more` : '';
  const rows = shown.map(({ line, reason, customerId, referenceNo, journeyId, problem }) => [
    String(line),
    reason,
    referenceNo ?? '',
    journeyId ?? customerId ?? '',
    problem,
  ]);
  const heading = `${count(misfits.length, 'line')} did not fit:`;
  return `${heading}\n${table(['line', 'reason', 'customer', 'journey', 'what is wrong'], rows)}${more}`;
}
