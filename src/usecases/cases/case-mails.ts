import { type ComplianceCase, latestVersion } from '../../domain/cases/case.js';
import type { CaseContext } from '../../domain/cases/case-clock.js';
import type { CaseEffect } from '../../domain/cases/case-effects.js';
import { caseNotices } from '../../domain/cases/case-notices.js';
import type { Instant } from '../../domain/instant.js';
import type { OutboxRow } from '../../store/records.js';
import { outboxRow } from '../owed-messages.js';

/** Who is told, in order of escalation (`COMPLIANCE_EMAIL_TO`); empty where no mail is configured. */
export interface CaseMailRules {
  readonly recipients: readonly string[];
}

/**
 * Takes a case after its turn, the turn's effects, the context, the recipients and the time; returns the mails owed for
 * them. Their ids are made of case, notice and recipient, so that one notice is one mail to each, however often it is
 * written.
 */
export function caseMailRows(
  of: ComplianceCase,
  effects: readonly CaseEffect[],
  context: CaseContext,
  { recipients }: CaseMailRules,
  at: Instant,
): OutboxRow[] {
  const { caseId, kind, referenceNo, severity, due } = of;
  const { because, number } = latestVersion(of);
  const difference = because.kind === 'aml' ? because.summary : null;
  return caseNotices(of, effects, context).flatMap(({ template, recipients: places, name }) => {
    const addresses = places.flatMap((place) => recipients[place] ?? []);
    return addresses.map((to) =>
      outboxRow(referenceNo, at, `case-mail:${caseId}:${name}:${to}`, {
        channel: 'compliance_mail',
        template,
        messageKey: `${caseId}:${name}`,
        to,
        alsoTold: addresses.filter((other) => other !== to),
        referenceNo,
        caseId,
        caseKind: kind,
        severity,
        version: number,
        difference:
          difference === null
            ? null
            : { added: difference.added, removed: difference.removed, changed: difference.changed },
        dueAt: due.at,
      }),
    );
  });
}
