import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import { JOURNEY_ID, journeySnapshot, openSnapshot } from '../../test/builders/journey-snapshot.js';
import type { Turn, TurnInput } from './customer-turn.js';
import { toMs } from './instant.js';

const MINUTE_MS = 60_000;
const REFUSED = { kind: 'refused', code: 'not_allowed_ip_address' } as const;
const BUSY = { kind: 'unavailable', code: 'http_429', retryAfterMs: 20 * MINUTE_MS } as const;

const inCustomStep = () => {
  const story = new CustomerStory(decisionContext({}, { customStepConfigured: true }));
  story.hears('finished_user_steps');
  story.sees(openSnapshot());
  return story;
};
const toBeClosed = () => {
  const story = new CustomerStory();
  story.sees(openSnapshot());
  story.take({ kind: 'completion_requested', journeyId: JOURNEY_ID, actor: 'night-shift', reason: 'asked' });
  return story;
};
const withUnreadVersion = () => {
  const story = new CustomerStory();
  story.sees(journeySnapshot());
  story.hears('aml_monitor_update', { amlVersion: 3 });
  story.sees(journeySnapshot());
  return story;
};

/** Each way to IDWise: a story in which it is due, and the turn that tells what the attempt came to. */
const WAYS: readonly {
  readonly what: Turn['agenda'][number]['what'];
  readonly begins: () => CustomerStory;
  readonly brings: (outcome: typeof REFUSED | typeof BUSY) => TurnInput;
}[] = [
  {
    what: 'look',
    begins: () => {
      const story = new CustomerStory();
      story.hears('finished_journey');
      return story;
    },
    brings: (outcome) => ({ kind: 'look', journeyId: JOURNEY_ID, outcome }),
  },
  {
    what: 'custom_step',
    begins: inCustomStep,
    brings: (outcome) => ({ kind: 'custom_step', journeyId: JOURNEY_ID, stage: 'await_user_steps', outcome }),
  },
  {
    what: 'complete_journey',
    begins: toBeClosed,
    brings: (outcome) => ({ kind: 'completion', journeyId: JOURNEY_ID, outcome }),
  },
  {
    what: 'aml_versions',
    begins: withUnreadVersion,
    brings: ({ kind, ...outcome }) => ({
      kind: 'aml_versions',
      journeyId: JOURNEY_ID,
      outcome: { kind: 'trouble', ...outcome, code: `${kind}:${outcome.code}` },
    }),
  },
];

describe.each(WAYS)('$what', ({ what, begins, brings }) => {
  const pauseMs = (story: CustomerStory) =>
    toMs(story.waiting(what)[0]?.nextAttemptAt ?? '') - toMs(story.now);

  test('refused by IDWise raises one alarm, and pauses', () => {
    const story = begins();
    story.take(brings(REFUSED));
    expect(pauseMs(story)).toBe(5 * MINUTE_MS);
    story.pass(5 * MINUTE_MS).take(brings(REFUSED));
    expect(story.alarms).toEqual(['idwise_refused']);
  });

  test('waits as long as IDWise asks for, without an alarm', () => {
    const story = begins();
    story.take(brings(BUSY));
    expect(pauseMs(story)).toBe(BUSY.retryAfterMs);
    expect(story.alarms).toEqual([]);
  });
});
