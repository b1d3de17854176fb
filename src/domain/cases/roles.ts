/** What somebody at the compliance desk is, by the claims of their login. */
export const ROLES = ['officer', 'approver', 'auditor', 'engineer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who does something: named by their login, never by a parameter. */
export interface Actor {
  /** The subject of the credential. The same person always has the same. */
  readonly id: string;
  readonly roles: readonly Role[];
}

/** What is done to a case. */
export const CASE_ACTIONS = [
  'acknowledge',
  'assign',
  'note',
  'propose',
  'withdraw',
  'approve',
  'decline',
  'record_external_report',
  'reopen',
] as const;
export type CaseAction = (typeof CASE_ACTIONS)[number];

/** Everything that somebody can do at the desk; what only reads is refused and recorded like the rest. */
export const DESK_ACTIONS = ['view_cases', 'view_personal_data', 'export_audit', ...CASE_ACTIONS] as const;
export type DeskAction = (typeof DESK_ACTIONS)[number];

/**
 * Who may do what: the one table that the desk, its tests and docs/cases.md rest on. An auditor sees everything and
 * changes nothing. An engineer sees that there are cases, and nobody's data. An admin gives work to others and has no part
 * in deciding. `approve` is narrowed further by the outcome (docs/cases.md).
 */
export const PERMISSIONS: Readonly<Record<DeskAction, readonly Role[]>> = {
  view_cases: ['officer', 'approver', 'auditor', 'engineer', 'admin'],
  view_personal_data: ['officer', 'approver', 'auditor'],
  export_audit: ['approver', 'auditor'],
  acknowledge: ['officer', 'approver'],
  assign: ['officer', 'approver', 'admin'],
  note: ['officer', 'approver'],
  propose: ['officer', 'approver'],
  withdraw: ['officer', 'approver'],
  approve: ['officer', 'approver'],
  decline: ['officer', 'approver'],
  record_external_report: ['officer', 'approver'],
  reopen: ['officer', 'approver'],
};

/** The role that a proposal needs which weighs more than the others: senior management's word (docs/cases.md). */
export const SENIOR_ROLE: Role = 'approver';

/** Takes somebody and an action; returns true when one of their roles allows it. */
export function mayDo({ roles }: Actor, action: DeskAction): boolean {
  return roles.some((role) => PERMISSIONS[action].includes(role));
}

/** Takes somebody; returns true when a case can be theirs, because they can answer it. */
export function mayOwn(person: Actor): boolean {
  return mayDo(person, 'propose');
}
