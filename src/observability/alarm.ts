import type { DeliveryAlarm } from '../delivery/send-outcome.js';
import type { CaseAlarm } from '../domain/cases/case-effects.js';
import type { AlarmCode as CustomerAlarm } from '../domain/effects.js';
import type { LogFields, Logger } from './logger.js';
import type { Metrics } from './metrics.js';

/** Every alarm there is; each has its entry in the runbook. */
export type AlarmCode =
  | CustomerAlarm
  | CaseAlarm
  | DeliveryAlarm
  | 'audit_checkpoint_not_exported'
  | 'audit_checkpoints_set_back'
  | 'audit_trail_broken'
  | 'delivery_defect'
  | 'details_unreadable'
  | 'event_not_taken'
  | 'event_refused_by_temporal'
  | 'image_unreadable'
  | 'outbox_sweeper_defect'
  | 'reconciliation_incomplete'
  | 'record_defect'
  | 'request_not_carried_out';

/** Says that an operator must look at something: counted under its code and logged as an error. */
export type Alarm = (code: AlarmCode, fields?: Omit<LogFields, 'code'>) => void;

/** Takes where to log and where to count; returns the one way to raise an alarm. */
export function createAlarm(logger: Logger, metrics: Pick<Metrics, 'alarm'>): Alarm {
  return (code, fields) => {
    metrics.alarm(code);
    logger.error('An operator should look at this', { ...fields, code });
  };
}
