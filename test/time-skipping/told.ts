import type { OutboxRow } from '../../src/store/outbox-records.js';
import type { SkippedWorld } from './skipped-world.js';

const MINUTE_MS = 60_000;

/**
 * Takes the world, a customer and the moment that time is counted from; returns what was told of them from then on, and
 * which alarms were raised, the earliest first, each as one line with its time to the minute, such as
 * `4d company: reminder 2 while created` or `30d 1h push: status`.
 */
export async function toldSince(world: SkippedWorld, referenceNo: string, since: Date): Promise<string[]> {
  const messages = await world.store.outbox.find({ referenceNo, createdAt: { $gte: since } }).toArray();
  const alarms = await world.store.audit
    .find({ referenceNo, at: { $gte: since }, effect: { $regex: '^alarm:' } })
    .toArray();
  return [
    ...messages.map((row) => ({ at: row.createdAt, what: told(row) })),
    ...alarms.map(({ at, effect }) => ({ at, what: effect.replace(':', ': ') })),
  ]
    .sort((a, b) => a.at.getTime() - b.at.getTime() || a.what.localeCompare(b.what))
    .map(({ at, what }) => `${elapsed(at.getTime() - since.getTime())} ${what}`);
}

function told({ message }: OutboxRow): string {
  switch (message.channel) {
    case 'company_webhook': {
      const { event } = message;
      return event.type === 'verification.reminder_due'
        ? `company: reminder ${event.data.reminder} while ${event.data.status}`
        : `company: ${event.data.status}, access ${event.data.access}`;
    }
    case 'web_push':
      return `push: ${message.about ?? 'status'}`;
    default:
      return `mail: ${message.template}`;
  }
}

/** Takes milliseconds; returns them in days, hours and minutes, rounded to the minute: what the machine needs for its part takes seconds. */
export function elapsed(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  const parts = [
    [Math.floor(minutes / 1_440), 'd'],
    [Math.floor(minutes / 60) % 24, 'h'],
    [minutes % 60, 'm'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`);
  return shown.length === 0 ? 'at once' : shown.join(' ');
}
