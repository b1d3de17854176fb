import { randomUUID } from 'node:crypto';
import { z } from 'zod';

const target = {
  journeyId: z.string().optional(),
  referenceNo: z.string().optional(),
  /** How often the fault strikes before it is used up; without it, until it is deleted. */
  times: z.number().int().positive().optional(),
};
const webhookTarget = { ...target, event: z.string().optional() };
const callTarget = { ...target, endpoint: z.string().optional() };
const milliseconds = z.number().int().nonnegative();

/** What `POST /sim/faults` takes. */
export const faultRequest = z.discriminatedUnion('kind', [
  // Webhooks.
  z.strictObject({
    kind: z.literal('duplicate'),
    ...webhookTarget,
    copies: z.number().int().min(2).default(2),
  }),
  z.strictObject({ kind: z.literal('delay'), ...webhookTarget, ms: milliseconds }),
  z.strictObject({ kind: z.literal('reorder'), ...webhookTarget, hold: z.number().int().min(2).default(2) }),
  z.strictObject({
    kind: z.literal('lose-first-attempts'),
    ...webhookTarget,
    attempts: z.number().int().min(1).max(4).default(1),
  }),
  z.strictObject({ kind: z.literal('lose'), ...webhookTarget }),
  z.strictObject({
    kind: z.literal('unknown-event'),
    ...webhookTarget,
    name: z.string().default('Updated Case'),
  }),
  z.strictObject({ kind: z.literal('no-event-id'), ...webhookTarget }),
  z.strictObject({ kind: z.literal('null-reference'), ...webhookTarget }),
  // Calls to us.
  z.strictObject({
    kind: z.literal('status'),
    ...callTarget,
    status: z.number().int().min(300).max(599),
    retryAfterSeconds: z.number().int().nonnegative().optional(),
  }),
  z.strictObject({ kind: z.literal('slow'), ...callTarget, ms: milliseconds }),
  z.strictObject({ kind: z.literal('truncated'), ...callTarget }),
  z.strictObject({ kind: z.literal('not-an-image'), ...callTarget }),
  z.strictObject({ kind: z.literal('timeout-after-effect'), ...callTarget }),
  z.strictObject({ kind: z.literal('reset'), ...callTarget }),
  // What IDWise shows.
  z.strictObject({
    kind: z.literal('still-incomplete'),
    ...target,
    calls: z.number().int().positive().optional(),
    ms: milliseconds.optional(),
  }),
  z.strictObject({ kind: z.literal('sticky-resubmission'), ...target }),
]);

export type FaultRequest = z.output<typeof faultRequest>;
export type FaultKind = FaultRequest['kind'];
export type FaultOf<K extends FaultKind> = Extract<FaultRequest, { kind: K }>;

export interface Fault {
  faultId: string;
  createdAtMs: number;
  used: number;
  request: FaultRequest;
  /** Deliveries that a `reorder` holds back, oldest first. */
  heldDeliveryIds: string[];
}

/** What a fault is matched against; a member that the fault does not name matches anything. */
export interface FaultSubject {
  journeyId?: string | null | undefined;
  referenceNo?: string | null | undefined;
  event?: string | undefined;
  endpoint?: string | undefined;
}

/** The faults that were asked for, over a list that is part of the persisted state. */
export class Faults {
  constructor(private readonly list: Fault[]) {}

  add(request: FaultRequest, nowMs: number): Fault {
    const fault: Fault = { faultId: randomUUID(), createdAtMs: nowMs, used: 0, request, heldDeliveryIds: [] };
    this.list.push(fault);
    return fault;
  }

  all(): readonly Fault[] {
    return this.list;
  }

  /** @returns those that were removed, so that what they held can be let go */
  remove(faultId?: string): Fault[] {
    const removed = this.list.filter((fault) => faultId === undefined || fault.faultId === faultId);
    this.list.splice(0, this.list.length, ...this.list.filter((fault) => !removed.includes(fault)));
    return removed;
  }

  /**
   * Finds the oldest fault of the kind that strikes here, and counts the strike.
   *
   * @returns undefined when none does
   */
  strike<K extends FaultKind>(
    kind: K,
    subject: FaultSubject,
  ): { fault: Fault; request: FaultOf<K> } | undefined {
    const found = this.find(kind, subject);
    if (found) found.fault.used += 1;
    return found;
  }

  /** Like `strike`, without counting. */
  find<K extends FaultKind>(
    kind: K,
    subject: FaultSubject,
  ): { fault: Fault; request: FaultOf<K> } | undefined {
    for (const fault of this.list) {
      if (isOfKind(fault.request, kind) && hasStrikesLeft(fault) && matches(fault.request, subject)) {
        return { fault, request: fault.request };
      }
    }
    return undefined;
  }
}

function isOfKind<K extends FaultKind>(request: FaultRequest, kind: K): request is FaultOf<K> {
  return request.kind === kind;
}

function hasStrikesLeft(fault: Fault): boolean {
  return fault.request.times === undefined || fault.used < fault.request.times;
}

function matches(request: FaultRequest, subject: FaultSubject): boolean {
  const event = 'event' in request ? request.event : undefined;
  const endpoint = 'endpoint' in request ? request.endpoint : undefined;
  return (
    (request.journeyId === undefined || request.journeyId === subject.journeyId) &&
    (request.referenceNo === undefined || request.referenceNo === subject.referenceNo) &&
    (event === undefined || event === subject.event) &&
    (endpoint === undefined || endpoint === subject.endpoint)
  );
}
