import { describe, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { isDefect } from './defect.js';

const { BSON, MongoNetworkError, MongoServerError } = mongoose.mongo;

describe('what fails while the record is written', () => {
  test.each([
    ['a name that MongoDB cannot store', thrownBy(() => BSON.serialize({ 'a\0b': 1 }))],
    ['a record that has grown too large', new MongoServerError({ message: 'too large', code: 10_334 })],
    ['a key that is taken', new MongoServerError({ message: 'duplicate', code: 11_000 })],
    ['a bug of ours', new TypeError('undefined is not a function')],
  ])('is a defect, of which an operator must hear: %s', (_name, error) => {
    expect(isDefect(error)).toBe(true);
  });

  test.each([
    ['no connection', new MongoNetworkError('gone')],
    ['another primary', new MongoServerError({ message: 'not primary', code: 10_107 })],
    ['no answer in time', new DOMException('late', 'TimeoutError')],
  ])('is no defect where it passes by itself: %s', (_name, error) => {
    expect(isDefect(error)).toBe(false);
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
