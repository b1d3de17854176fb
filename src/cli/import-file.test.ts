import { describe, expect, test } from '@jest/globals';
import { readImportFile } from './import-file.js';

const read = (text: string) => readImportFile(new TextEncoder().encode(text));
const lines = (text: string) => {
  const file = read(text);
  if (file.kind !== 'lines') throw new Error(file.problem);
  return file;
};
const A = { customerId: 'a', referenceNo: 'ref-a', journeyId: 'j-a' };
const B = { customerId: 'b', referenceNo: 'ref-b', journeyId: 'j-b' };

describe('a list of customers', () => {
  test.each([
    ['without names of columns', 'a,ref-a,j-a\nb,ref-b,j-b', [1, 2]],
    ['with them', 'customerId,referenceNo,journeyId\na,ref-a,j-a\nb,ref-b,j-b\n', [2, 3]],
    [
      'in another order and spelling, among others',
      'note,journey_id,Customer ID,REFERENCENO\nx,j-a,a,ref-a\ny,j-b,b,ref-b',
      [2, 3],
    ],
    ['with the ends of lines of Windows', 'a,ref-a,j-a\r\nb,ref-b,j-b\r\n', [1, 2]],
    [
      'with the mark that some programs put first',
      '\uFEFFcustomerId,referenceNo,journeyId\na,ref-a,j-a\nb,ref-b,j-b',
      [2, 3],
    ],
    ['with blank lines and remarks', '# ours\n\n a , ref-a , j-a \n  # more\n   \nb,ref-b,j-b\n\n', [3, 6]],
    ['with quotes', '"a","ref-a","j-a"\n "b" ,ref-b, "j-b"', [1, 2]],
  ])('is read %s, each with its number in the file', (_what, text, [first, second]) => {
    const file = lines(text);
    expect(file.malformed).toEqual([]);
    expect(file.lines).toEqual([
      { line: first, ...A },
      { line: second, ...B },
    ]);
  });

  test('keeps what is quoted: commas, quotes, a # at the beginning', () => {
    expect(lines('"#1, the ""first""",ref-a,j-a').lines).toEqual([
      { ...A, line: 1, customerId: '#1, the "first"' },
    ]);
  });

  test('may name several journeys of one customer, and says the same thing once', () => {
    const file = lines('a,ref-a,j-a\na,ref-a,j-2\na,ref-a,j-a');
    expect(file.lines.map(({ line, journeyId }) => [line, journeyId])).toEqual([
      [1, 'j-a'],
      [2, 'j-2'],
    ]);
    expect(file.repeats).toBe(1);
  });

  test.each([
    ['a,ref-a', 'has 2 columns instead of 3'],
    ['a;ref-a;j-a', 'has 1 column instead of 3'],
    ['a,ref-a,j-a,', 'has 4 columns instead of 3'],
    ['"a,ref-a,j-a', 'a quote is not closed'],
    ['"a"b,ref-a,j-a', 'a quote is not closed, or something follows'],
    ['a,ref a,j-a', 'referenceNo may hold letters'],
    ['a,..,j-a', 'referenceNo must not be a dot segment'],
    [',ref-a,j-a', 'customerId must not be empty'],
    ['a,ref-a,j a', 'journeyId holds characters that no journey id has'],
    [`${'x'.repeat(201)},ref-a,j-a`, 'customerId must have at most 200 characters'],
  ])('says of %j in which line it stands and what is wrong, and takes the others', (bad, problem) => {
    const file = lines(`a,ref-a,j-a\n${bad}\nb,ref-b,j-b`);
    expect(file.lines.map(({ line }) => line)).toEqual([1, 3]);
    expect(file.malformed).toMatchObject([{ line: 2, problem: expect.stringContaining(problem) }]);
  });

  test('is refused as a whole where it is no text, or a column has no name', () => {
    expect(readImportFile(Uint8Array.of(0x61, 0xff, 0x0a))).toMatchObject({ kind: 'unreadable' });
    expect(read('customerId,referenceNo,journey\na,ref-a,j-a')).toEqual({
      kind: 'unreadable',
      problem: 'The names of the columns in line 1 lack journeyId.',
    });
  });

  test('may be empty', () => {
    expect(lines('')).toMatchObject({ lines: [], malformed: [], repeats: 0 });
    expect(lines('customerId,referenceNo,journeyId\n')).toMatchObject({ lines: [], malformed: [] });
  });
});
