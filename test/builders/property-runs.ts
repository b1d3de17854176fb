/**
 * Takes how many stories a property test plays when nothing hurries; returns how many it plays now. `PROPERTY_SHARE` is
 * the part of them: `npm run check` plays a tenth, enough to see a broken rule at once, and whoever doubts a rule may play
 * ten times as many.
 */
export function propertyRuns(usual: number): number {
  return Math.ceil(usual * Number(process.env['PROPERTY_SHARE'] ?? 1));
}
