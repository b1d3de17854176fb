import { type Instant, toMs } from '../instant.js';
import { addsSanctions, tellsOfSomething } from './aml-summary.js';
import {
  type AmlReason,
  type CaseIdentity,
  type CaseReason,
  type CaseVersion,
  type ComplianceCase,
  type DueTime,
  NEWLY_TOLD,
  type Told,
} from './case.js';
import { type CaseContext, laterBy } from './case-clock.js';
import type { CaseEffect } from './case-effects.js';
import type { CasePolicy } from './case-policy.js';
import { highest, outweighs, type Severity, severityOf } from './severity.js';
import { nextOpening } from './working-calendar.js';

/** What one new thing makes of a case. */
export interface CaseChange {
  readonly case: ComplianceCase;
  readonly effects: readonly CaseEffect[];
}

/** What is found out and when it was detected, by the customer's workflow. */
export interface Finding {
  readonly because: CaseReason;
  readonly detectedAt: Instant;
}

/** Takes a case; returns the change that is none. */
export function unchanged(of: ComplianceCase): CaseChange {
  return { case: of, effects: [] };
}

/**
 * Takes which case it would be, the first finding, the context and the time; returns the case, or null where the finding
 * opens none: our own whitelisting, say.
 */
export function openCase(
  identity: CaseIdentity,
  finding: Finding,
  context: CaseContext,
  at: Instant,
): CaseChange | null {
  const { because, detectedAt } = finding;
  if (because.kind === 'aml' && !mustBeSeen(because, false)) return null;
  const version = newVersion(1, finding, context.policy);
  const opened: ComplianceCase = {
    schema: 1,
    ...identity,
    state: 'open',
    severity: version.severity,
    versions: [version],
    concludedVersion: 0,
    detectedAt,
    concludedAt: null,
    due: dueOf(version),
    owner: null,
    awaitingSince: at,
    proposal: null,
    proposals: 0,
    conclusions: [],
    externalReports: [],
    hold: 'none',
    whitelisted: [],
    told: { ...NEWLY_TOLD, digestAt: digestAt(version.severity, context.policy, at) },
    requestIds: [],
  };
  const { number, severity, dueAt } = version;
  return holding(opened, because, context.policy, [
    { kind: 'case_opened', version: number, severity, dueAt },
  ]);
}

/**
 * A further finding is a new version of the case, and reopens one that was concluded: what was decided, was decided
 * without it. What it makes heavier must be acknowledged anew, and a proposal that did not know of it is void. What is
 * known already changes nothing.
 *
 * Takes the case, the finding, the context and the time; returns what becomes of it.
 */
export function addVersion(
  before: ComplianceCase,
  finding: Finding,
  context: CaseContext,
  at: Instant,
): CaseChange {
  const { because } = finding;
  const isOpen = before.state !== 'closed';
  if (because.kind === 'aml' && (!mustBeSeen(because, isOpen) || isKnown(before, because)))
    return unchanged(before);
  if (because.kind === 'review' && isOpen) return unchanged(before);
  const { policy } = context;
  const version = newVersion(before.versions.length + 1, finding, policy);
  const { number, severity, dueAt } = version;
  const told = { version: number, severity, dueAt };
  const versions = [...before.versions, version];
  if (!isOpen) {
    const again = reopened({ ...before, versions }, version, policy, at);
    return holding(again, because, policy, [{ kind: 'reopened', actor: null, reasonId: null, ...told }]);
  }
  const isHeavier = outweighs(severity, before.severity);
  const isUnanswered = before.awaitingSince !== null;
  const effects: CaseEffect[] = [{ kind: 'version_added', ...told }];
  if (before.proposal !== null)
    effects.push({ kind: 'withdrawn', actor: null, proposal: before.proposal.number });
  const isSooner = toMs(dueAt) < toMs(before.due.at);
  const next: ComplianceCase = {
    ...before,
    versions,
    severity: highest(severity, before.severity),
    state:
      isHeavier && !isUnanswered
        ? 'open'
        : before.state === 'pending_approval'
          ? 'investigating'
          : before.state,
    proposal: null,
    due: isSooner ? dueOf(version) : before.due,
    awaitingSince: isHeavier ? at : before.awaitingSince,
    told: {
      ...before.told,
      ...(isHeavier ? { escalations: 0 } : {}),
      ...(isSooner ? { remindedAt: null, overdueAt: null, overdueCount: 0 } : {}),
      digestAt: nextDigest(before.told, severity, policy, at),
    },
  };
  return holding(next, because, policy, effects);
}

/** Takes a concluded case, the version that is new in it, the policy and the time; returns it as taken up again. */
export function reopened(
  of: ComplianceCase,
  version: CaseVersion,
  policy: CasePolicy,
  at: Instant,
): ComplianceCase {
  return {
    ...of,
    state: 'reopened',
    severity: version.severity,
    detectedAt: version.detectedAt,
    concludedAt: null,
    due: dueOf(version),
    awaitingSince: at,
    told: { ...NEWLY_TOLD, digestAt: digestAt(version.severity, policy, at) },
  };
}

/** Takes the number of a version, what was found and the policy; returns the version. */
export function newVersion(
  number: number,
  { because, detectedAt }: Finding,
  policy: CasePolicy,
): CaseVersion {
  const severity =
    because.kind === 'aml'
      ? severityOf(because.summary, policy)
      : because.kind === 'review'
        ? policy.severity.review
        : policy.severity.changed;
  const clock = policy.clocks[severity];
  const dueAt = laterBy(detectedAt, clock.dueAfterMs, clock, policy);
  return { number, detectedAt, severity, dueAt, because };
}

/**
 * What a human must see: matches that differ, and a version that monitoring raised although we see nothing differ. The
 * latter belongs to a case that somebody is at. It opens or reopens one only where the matches may not show it yet: what
 * nobody can tell is not harmless. What our own whitelisting explains is neither.
 */
function mustBeSeen({ summary, fromVersion, toVersion, showing }: AmlReason, isOpen: boolean): boolean {
  if (tellsOfSomething(summary)) return true;
  return toVersion > fromVersion && summary.whitelisted === 0 && (isOpen || showing === 'lagging');
}

/**
 * One change is one version, however often it is told: it comes under the same name, its AML versions are covered by what
 * is known, or, where IDWise gave none, it leads to the matches that were seen last. What catches up has differed from
 * all that is known, or it would not have to be seen.
 */
function isKnown({ versions }: ComplianceCase, change: AmlReason): boolean {
  const known = versions.flatMap(({ because }) => (because.kind === 'aml' ? [because] : []));
  if (known.some(({ changeId }) => changeId === change.changeId)) return true;
  if (change.showing === 'caught_up') return false;
  if (change.toVersion > change.fromVersion) return isCovered(known, change);
  return change.digest !== null && known.at(-1)?.digest === change.digest;
}

/** Every version that the change is about lies in what another one is about. */
function isCovered(known: readonly AmlReason[], { fromVersion, toVersion }: AmlReason): boolean {
  let covered = fromVersion;
  for (const range of [...known].sort((a, b) => a.fromVersion - b.fromVersion))
    if (range.fromVersion <= covered) covered = Math.max(covered, range.toVersion);
  return covered >= toVersion;
}

/** A match that is new on a sanctions list holds the customer at once, by policy; what holds them more strictly stays. */
function holding(
  of: ComplianceCase,
  because: CaseReason,
  policy: CasePolicy,
  effects: readonly CaseEffect[],
): CaseChange {
  const isToBeHeld = because.kind === 'aml' && addsSanctions(because.summary) && policy.holdOnSanctions;
  if (!isToBeHeld || of.hold !== 'none') return { case: of, effects };
  const measure = { kind: 'lay_hold', hold: 'held' } as const;
  return { case: { ...of, hold: 'held' }, effects: [...effects, { kind: 'measure_wanted', measure }] };
}

function dueOf({ dueAt, detectedAt, severity }: CaseVersion): DueTime {
  return { at: dueAt, since: detectedAt, severity };
}

function digestAt(severity: Severity, policy: CasePolicy, at: Instant): Instant | null {
  return policy.clocks[severity].mail === 'digest' ? nextOpening(at, policy.calendar) : null;
}

/** What is told at once needs no digest any more; what is not waits for the one that is owed, or for the next. */
function nextDigest(told: Told, severity: Severity, policy: CasePolicy, at: Instant): Instant | null {
  const next = digestAt(severity, policy, at);
  return next === null ? null : (told.digestAt ?? next);
}
