/**
 * Takes anything thrown and the name of a member; returns the member where it is text or a number, else null. What
 * libraries throw is read by its members and not by its class, which may come from another realm or another copy.
 */
export function thrownMember(
  thrown: unknown,
  name: 'name' | 'code' | 'originalCode' | 'responseCode' | 'command',
): string | number | null {
  if (typeof thrown !== 'object' || thrown === null) return null;
  const value: unknown = Reflect.get(thrown, name);
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
