/** Somebody who can sign in, without a password. */
export interface DemoPerson {
  readonly subject: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** The people of the demo, one for each role, and one who approves as well as works, to see that nobody approves alone. */
export const PEOPLE: readonly DemoPerson[] = [
  { subject: 'olivia', name: 'Olivia Officer', roles: ['officer'] },
  { subject: 'omar', name: 'Omar Officer', roles: ['officer'] },
  { subject: 'anna', name: 'Anna Approver', roles: ['officer', 'approver'] },
  { subject: 'amir', name: 'Amir Auditor', roles: ['auditor'] },
  { subject: 'elena', name: 'Elena Engineer', roles: ['engineer'] },
  { subject: 'adam', name: 'Adam Admin', roles: ['admin'] },
];
