import type { LogFields, Logger } from './logger.js';
import type { Metrics } from './metrics.js';

/** Says that an operator must look at something: counted under its code and logged as an error. */
export type Alarm = (code: string, fields?: Omit<LogFields, 'code'>) => void;

/** Takes where to log and where to count; returns the one way to raise an alarm. */
export function createAlarm(logger: Logger, metrics: Pick<Metrics, 'alarm'>): Alarm {
  return (code, fields) => {
    metrics.alarm(code);
    logger.error('An operator should look at this', { ...fields, code });
  };
}
