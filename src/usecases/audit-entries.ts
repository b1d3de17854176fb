import { createHash } from 'node:crypto';
import type { AuditEntry } from '../audit/audit-record.js';
import { type CustomerFacts, knownJourney } from '../domain/customer.js';
import type { Turn } from '../domain/customer-turn.js';
import type { Effect } from '../domain/effects.js';
import type { AuditCause } from '../store/records.js';
import type { CustomerTurnCommand } from './customer-turn-command.js';

interface Effected {
  readonly command: CustomerTurnCommand;
  readonly turn: Turn;
  readonly turnNumber: number;
  readonly policyVersion: string;
}

/** Takes a turn that is being written; returns one audit record per effect, each naming its cause. */
export function auditEntries({ command, turn, turnNumber, policyVersion }: Effected): AuditEntry[] {
  const cause = causeOf(command, turnNumber, turn);
  const actor = 'actor' in command.input ? command.input.actor : 'system';
  return [...namedEffects(turn.effects)].map(([name, effect]) => {
    const journeyId = 'journeyId' in effect ? effect.journeyId : (turn.judgement.journeyId ?? null);
    return {
      _id: createHash('sha256')
        .update(`${command.referenceNo}\n${cause.id}\n${name}`)
        .digest('hex')
        .slice(0, 32),
      at: new Date(command.at),
      cause,
      actor: effect.kind === 'event_replayed' ? effect.actor : actor,
      effect: name,
      journeyId,
      from: effect.kind === 'status_changed' ? effect.from : null,
      to: detailOf(effect),
      policyVersion,
      snapshotDigest: snapshotDigestOf(turn.facts, journeyId),
    };
  });
}

/** Takes the facts and a journey; returns the digest of its answer as last fetched, null where it never was. */
export function snapshotDigestOf(facts: CustomerFacts, journeyId: string | null): string | null {
  return journeyId === null ? null : (knownJourney(facts, journeyId)?.snapshot?.answerDigest ?? null);
}

/**
 * Takes the effects of one cause, in order; returns each under a name of its own, because the trail takes no two of one
 * cause and name. What would bear the name of one before it is told apart by its place in the turn; the first keeps the
 * plain name, by which a turn that comes again finds its records.
 */
function namedEffects(effects: readonly Effect[]): ReadonlyMap<string, Effect> {
  const named = new Map<string, Effect>();
  for (const [index, effect] of effects.entries()) {
    let name = effectName(effect, index);
    while (named.has(name)) name = `${name}:${index}`;
    named.set(name, effect);
  }
  return named;
}

/** Takes an effect and its place in the turn; returns what it is called, by what it is about or by that place. */
function effectName(effect: Effect, index: number): string {
  switch (effect.kind) {
    case 'status_changed':
      return `status_changed:${effect.to.status}`;
    case 'alarm':
      return `alarm:${effect.code}`;
    case 'custom_step':
    case 'completion':
      return `${effect.kind}:${effect.outcome}`;
    default:
      return index === 0 ? effect.kind : `${effect.kind}:${index}`;
  }
}

function detailOf(effect: Effect): unknown {
  if (effect.kind === 'status_changed')
    return effect.untold === undefined ? effect.to : { ...effect.to, untold: effect.untold };
  const { kind: _kind, ...detail } = effect;
  return detail;
}

/** Takes a turn's command, its number and the turn; returns what its effects are put down to. */
export function causeOf(command: CustomerTurnCommand, turnNumber: number, turn: Turn): AuditCause {
  const { input } = command;
  switch (input.kind) {
    case 'events':
      return { kind: 'event', id: `turn:${turnNumber}`, because: input.events.map((event) => event.inboxId) };
    case 'look':
      return {
        kind: turn.processed.some(isOfReconciliation) ? 'reconciliation' : 'fetch',
        id: `turn:${turnNumber}`,
        because: turn.processed,
      };
    case 'aml_versions':
    case 'images':
    case 'custom_step':
    case 'completion':
    case 'whitelist':
      return { kind: 'fetch', id: `turn:${turnNumber}` };
    case 'completion_requested':
    case 'close':
    case 'reopen':
    case 'reprocess':
      return { kind: input.actor === 'policy' ? 'timer' : 'person', id: `turn:${turnNumber}` };
    case 'open':
    case 'clock':
    case 'remind':
    case 'give_up':
      return {
        kind: 'timer',
        id: input.kind === 'open' ? `open:${command.at}` : `turn:${turnNumber}`,
        // Whoever looks for a parked event finds what was given up with it.
        ...(turn.parked === null ? {} : { because: turn.parked.causes }),
      };
  }
}

/** A comparison with IDWise found a difference that no event had told of, and had the journey fetched. */
function isOfReconciliation(inboxId: string): boolean {
  return inboxId.startsWith('reconciliation:');
}
