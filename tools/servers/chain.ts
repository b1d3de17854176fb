// The acquisition chain as a rule: try one way after the other, remember why each failed, and never go on
// silently past something that the user asked for by name.

/** What one way of getting something led to. `refused`: the user named it, and it does not work; the chain ends. */
export type Attempt<T> =
  | { readonly outcome: 'found'; readonly value: T }
  | { readonly outcome: 'unavailable'; readonly reason: string }
  | { readonly outcome: 'refused'; readonly message: string };

/** One way of getting something. */
export interface Step<T> {
  readonly name: string;
  readonly attempt: () => Promise<Attempt<T>>;
}

/** The end of a chain; `message` is meant for the terminal. */
export type Resolution<T> =
  | { readonly ok: true; readonly value: T; readonly from: string }
  | { readonly ok: false; readonly message: string };

export function found<T>(value: T): Attempt<T> {
  return { outcome: 'found', value };
}

export function unavailable<T>(reason: string): Attempt<T> {
  return { outcome: 'unavailable', reason };
}

export function refused<T>(message: string): Attempt<T> {
  return { outcome: 'refused', message };
}

/**
 * Takes what is looked for (for the message), the ways in their order and the ways to mend it by hand.
 * Returns the first that works, or a message that says what was tried, why each failed, and what to do.
 */
export async function resolveByChain<T>(
  subject: string,
  steps: readonly Step<T>[],
  remedies: readonly string[],
): Promise<Resolution<T>> {
  const failures: string[] = [];
  for (const step of steps) {
    const attempt = await step.attempt();
    if (attempt.outcome === 'found') return { ok: true, value: attempt.value, from: step.name };
    if (attempt.outcome === 'refused') return { ok: false, message: attempt.message };
    failures.push(`  ${step.name}: ${attempt.reason}`);
  }
  const lines = [
    `No ${subject} could be obtained. What was tried:`,
    ...failures,
    'Any one of these mends it:',
  ];
  return { ok: false, message: [...lines, ...remedies.map((remedy) => `  - ${remedy}`)].join('\n') };
}
