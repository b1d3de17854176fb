import { EMPTY_CHAIN } from '../audit/audit-record.js';
import { newCustomer } from '../domain/customer.js';
import type { Instant } from '../domain/instant.js';
import type { Policy } from '../domain/policy.js';
import { present } from '../domain/present.js';
import { judge } from '../domain/status.js';
import type { ProfileRow } from './records.js';

/**
 * Takes a reference number, the company's customer id (undefined where an app verified before the company registered
 * its customer), the time and the policy; returns the first row of the profile, ready to insert.
 */
export function newProfileRow(
  referenceNo: string,
  customerId: string | undefined,
  at: Instant,
  policy: Policy,
): ProfileRow {
  const facts = newCustomer(referenceNo, at);
  // Flow and custom step bear on journeys only, and there is none yet.
  const context = { policy, flowId: '', customStepConfigured: false };
  const judgement = judge(facts, context, at);
  return {
    _id: referenceNo,
    ...(customerId === undefined ? {} : { customerId }),
    revision: 0,
    lastTurn: null,
    facts,
    view: { ...present(facts, judgement, context), version: 1, updatedAt: at },
    ground: judgement.ground,
    attention: null,
    details: {},
    auditSequence: EMPTY_CHAIN.sequence,
    auditHash: EMPTY_CHAIN.hash,
    auditHashedTo: EMPTY_CHAIN.sequence,
    createdAt: new Date(at),
    updatedAt: new Date(at),
  };
}
