/** The people of the demo, one for each role, and one who approves as well as works, to see that nobody approves alone. */
export const PEOPLE = [
  { subject: 'olivia', name: 'Olivia Officer', roles: ['officer'] },
  { subject: 'omar', name: 'Omar Officer', roles: ['officer'] },
  { subject: 'anna', name: 'Anna Approver', roles: ['officer', 'approver'] },
  { subject: 'amir', name: 'Amir Auditor', roles: ['auditor'] },
  { subject: 'elena', name: 'Elena Engineer', roles: ['engineer'] },
  { subject: 'adam', name: 'Adam Admin', roles: ['admin'] },
] as const;

export type DemoPerson = (typeof PEOPLE)[number];

/** Takes a subject; returns the person, or undefined. */
export function personOf(subject: string): DemoPerson | undefined {
  return PEOPLE.find((person) => person.subject === subject);
}
