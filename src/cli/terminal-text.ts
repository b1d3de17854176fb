/** How things look on a terminal: columns that line up, times in UTC, and how long ago they were. */

const GAP = '  ';

/** Takes the heads of the columns and the rows; returns the table, as wide as its contents. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads.map((head) => head.toUpperCase()), ...rows.map((row) => row.map(printable))];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

/** Takes names and values; returns them as lines with the values below each other, leaving out what is null. */
export function fields(pairs: readonly (readonly [string, string | null])[]): string {
  const given = pairs.flatMap(([name, value]) => (value === null ? [] : [[name, printable(value)] as const]));
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${GAP}${name.padEnd(width)}${GAP}${value}`).join('\n');
}

/** Takes a title and its text; returns them as a part of a page, or nothing where there is no text. */
export function part(title: string, text: string): string {
  return text === '' ? '' : `\n${title}\n${indented(text)}`;
}

/** Takes text; returns it with each line moved in. */
export function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `${GAP}${line}`.trimEnd())
    .join('\n');
}

/** Takes an instant; returns it to the second, in UTC, as it can be given back. */
export function time(instant: string): string {
  return `${instant.slice(0, 19)}Z`;
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** Takes an instant and the time now in milliseconds; returns the instant and how long ago or ahead it is. */
export function timeFromNow(instant: string, nowMs: number): string {
  const ms = Date.parse(instant) - nowMs;
  const [unitMs, unit] = UNITS.find(([size]) => Math.abs(ms) >= size) ?? [1_000, 's'];
  const length = `${Math.floor(Math.abs(ms) / unitMs)} ${unit}`;
  return `${time(instant)} (${ms > 0 ? `in ${length}` : `${length} ago`})`;
}

/** Takes a number and what is counted, in the singular; returns both, as one says it. */
export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** What came from outside may hold characters by which a terminal can be told things. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '�');
}
