import { policyVersion } from '../../audit/policy-version.js';
import type { ServiceConfig } from '../../config/service-config.js';
import type { CaseContext } from '../../domain/cases/case-clock.js';
import type { CaseMailRules } from './case-mails.js';

/** What every use case of cases needs of the configuration. */
export interface CaseSettings {
  readonly context: CaseContext;
  readonly mailRules: CaseMailRules;
  readonly policyVersion: string;
}

/** Takes the configuration; returns what the use cases of cases need of it. */
export function casesOf(config: Pick<ServiceConfig, 'policy' | 'compliance' | 'mail'>): CaseSettings {
  const recipients = config.compliance.emailTo;
  return {
    context: { policy: config.policy.cases, recipients: Math.max(recipients.length, 1) },
    mailRules: { recipients: config.mail === null ? [] : recipients },
    policyVersion: policyVersion(config.policy),
  };
}
