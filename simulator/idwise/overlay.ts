/** Some members of T, as they come from outside; an undefined one counts as absent. */
export type Overrides<T> = { [K in keyof T]?: T[K] | undefined };

/** @returns a copy of `base` with the members that `overrides` has */
export function overlay<T extends object>(base: T, overrides: Overrides<T>): T {
  const copy = { ...base };
  for (const key of Object.keys(overrides) as (keyof T)[]) {
    const value = overrides[key];
    if (value !== undefined) copy[key] = value;
  }
  return copy;
}
