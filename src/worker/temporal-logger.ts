import { DefaultLogger, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from '../observability/logger.js';

/** Takes our logger; returns one for Temporal's runtime. Only its texts pass, because its metadata may quote payloads. */
export function temporalLogger(logger: Logger): TemporalLogger {
  return new DefaultLogger('WARN', ({ level, message, meta }) => {
    const error: unknown = meta?.['error'];
    const fields = { operation: 'temporal', ...(error === undefined ? {} : { error }) };
    if (level === 'ERROR') logger.error(message, fields);
    else logger.warn(message, fields);
  });
}
