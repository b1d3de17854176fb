import { setTimeout as pause } from 'node:timers/promises';

/** Takes a condition; resolves when it holds. @throws after 10 s */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const giveUpAtMs = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > giveUpAtMs) throw new Error('the condition did not come true within 10 s');
    await pause(10);
  }
}
