import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { createLogger, type LogFields } from './logger.js';

function capture(): { stream: Writable; lines: () => Record<string, unknown>[] } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, lines: () => chunks.map((chunk) => JSON.parse(chunk) as Record<string, unknown>) };
}

test('a member that is not on the list never reaches the log, whatever its type says', () => {
  const { stream, lines } = capture();
  const log = createLogger('api', 'info', stream);
  const smuggled = { code: 'x', fullName: 'Ada', body: { a: 1 }, referenceNo: { firstName: 'Ada' } };
  log.info('text', smuggled as unknown as LogFields);
  expect(lines()[0]).toMatchObject({ level: 'info', role: 'api', msg: 'text', code: 'x' });
  expect(JSON.stringify(lines())).not.toContain('Ada');
});

test('of an error its name, code and places are logged, never its message, which may quote data', () => {
  const { stream, lines } = capture();
  const error = Object.assign(new Error('E11000 dup key: { name: "Ada Lovelace" }\n    at Ada Lovelace'), {
    code: 11_000,
    details: 'Ada Lovelace',
  });
  createLogger('api', 'info', stream).error('failed', { error });
  expect(lines()[0]).toMatchObject({ error: { name: 'Error', code: '11000' } });
  expect(JSON.stringify(lines())).not.toContain('Lovelace');
});

test('below its level nothing is written', () => {
  const { stream, lines } = capture();
  createLogger('api', 'warn', stream).info('quiet');
  expect(lines()).toEqual([]);
});
