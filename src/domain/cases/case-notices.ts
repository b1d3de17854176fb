import type { ComplianceCase } from './case.js';
import type { CaseContext } from './case-clock.js';
import type { CaseEffect } from './case-effects.js';

export const CASE_TEMPLATES = [
  'case_opened',
  'case_version_added',
  'case_reminder',
  'case_escalated',
  'case_overdue',
  'case_digest',
] as const;
export type CaseTemplate = (typeof CASE_TEMPLATES)[number];

/** A mail that an effect owes: which, to which places in the list of recipients (from 0), and what tells it from others. */
export interface CaseNotice {
  readonly template: CaseTemplate;
  readonly recipients: readonly number[];
  /** Unique within the case, and the same however often the effect is written: the Message-ID is made of it. */
  readonly name: string;
}

/**
 * Who is told of what a turn of a case brought. Whoever knows of the case hears what becomes of it; what the policy puts
 * into the digest is not told beside it, and what people do themselves is told to nobody by mail.
 *
 * Takes the case after the turn, the turn's effects and the context; returns the mails that are owed.
 */
export function caseNotices(
  of: ComplianceCase,
  effects: readonly CaseEffect[],
  { policy: { clocks }, recipients }: CaseContext,
): readonly CaseNotice[] {
  const places = (count: number) => Array.from({ length: Math.min(count, recipients) }, (_, place) => place);
  const knowing = places(of.told.recipients);
  return effects.flatMap((effect): CaseNotice[] => {
    switch (effect.kind) {
      case 'case_opened':
      case 'version_added':
      case 'reopened': {
        if (clocks[effect.severity].mail === 'digest') return [];
        const template = effect.kind === 'case_opened' ? 'case_opened' : 'case_version_added';
        return [{ template, recipients: knowing, name: `v${effect.version}` }];
      }
      case 'escalated': {
        const name = `v${latest(of)}:escalated${effect.number}`;
        return [{ template: 'case_escalated', recipients: [effect.recipient], name }];
      }
      case 'reminded':
        return [
          {
            template: 'case_reminder',
            recipients: knowing,
            name: `v${latest(of)}:reminded${effect.plannedAt}`,
          },
        ];
      case 'overdue': {
        const name = `v${latest(of)}:due${effect.dueAt}:overdue${effect.number}`;
        return [{ template: 'case_overdue', recipients: places(effect.recipients), name }];
      }
      case 'digest_due':
        return [{ template: 'case_digest', recipients: [0], name: `digest:${effect.digestAt}` }];
      default:
        return [];
    }
  });
}

function latest({ versions }: ComplianceCase): number {
  return versions.length;
}
