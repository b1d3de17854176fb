import { isDefect } from '../store/defect.js';

/**
 * Temporal tries the work on the record again for ever, which is right while MongoDB is away. A defect would repeat as
 * long, with every later event of the customer behind it and nobody the wiser.
 *
 * Takes a use case and what to do about a defect; returns the use case that tells of each one before it fails with it.
 */
export function withDefectAlarm<Input, Result>(
  useCase: (input: Input) => Promise<Result>,
  onDefect: (input: Input, error: unknown) => void,
): (input: Input) => Promise<Result> {
  return async (input) => {
    try {
      return await useCase(input);
    } catch (error) {
      if (isDefect(error)) onDefect(input, error);
      throw error;
    }
  };
}
