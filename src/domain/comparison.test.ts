import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import { journeySnapshot, openSnapshot, REFER } from '../../test/builders/journey-snapshot.js';
import { checkEveryMs } from './comparison.js';
import { DEFAULT_POLICY } from './policy.js';
import { judge } from './status.js';

const { unsettledEveryMs, settledEveryMs } = DEFAULT_POLICY.reconciliation;
const customer = () => new CustomerStory(decisionContext(DEFAULT_POLICY));
const everyMs = ({ facts, context, now }: CustomerStory) =>
  checkEveryMs(facts, judge(facts, context, now), context.policy);

describe('a record is compared with IDWise', () => {
  test.each([
    ['is verifying', openSnapshot()],
    ['waits for IDWise', openSnapshot({ userStepsIn: true })],
    ['waits for a human', journeySnapshot(REFER)],
    ['is to do steps again', journeySnapshot({ manualDecision: 'Resubmission Requested' })],
  ])('often while the customer %s', (_what, snapshot) => {
    const story = customer();
    story.sees(snapshot);
    expect(everyMs(story)).toBe(unsettledEveryMs);
  });

  test.each([
    ['approved', {}],
    ['rejected', { manualDecision: 'Rejected' }],
  ])('rarely when they are %s, for what monitoring or a reviewer may change', (_status, wishes) => {
    const story = customer();
    story.sees(journeySnapshot(wishes));
    expect(everyMs(story)).toBe(settledEveryMs);
  });

  test('rarely when they are held, or their verification has expired', () => {
    const story = customer();
    story.sees(openSnapshot({ userStepsIn: false }));
    story.livesOn(100 * 86_400_000);
    expect(everyMs(story)).toBe(settledEveryMs);
    const held = customer();
    held.sees(journeySnapshot());
    held.facts = { ...held.facts, holds: ['compliance'] };
    expect(everyMs(held)).toBe(settledEveryMs);
  });

  test('never where there is nothing to compare, or the account is closed', () => {
    const story = customer();
    expect(everyMs(story)).toBeNull();
    story.sees(journeySnapshot());
    story.take({ kind: 'close', actor: 'ops', reason: 'left' });
    expect(everyMs(story)).toBeNull();
  });
});
