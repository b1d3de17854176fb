import { describe, expect, test } from '@jest/globals';
import { turnOf } from './customer-requests.js';
import { emptyState } from './customer-state.js';
import { type CarriedState, upgradeState } from './upgrade-state.js';

/** What release 0.1 handed on when it continued as new with something left to do. */
const handedOnBy1: CarriedState = {
  schema: 1,
  turn: 24,
  queue: [
    { id: 'app:1', inboxId: 'app:1', kind: 'journey_submitted', receivedAt: '2026-11-23T17:44:53.723Z' },
  ],
  requests: [{ journeyId: 'j-1', reason: 'asked for by phone', actor: 'key-1' }],
  seenIds: ['app:0', 'app:1'],
  duplicates: 2,
  eventsTaken: 14,
  lastEvent: { kind: 'journey_submitted', at: '2026-11-23T17:44:53.723Z' },
  agenda: [
    {
      what: 'custom_step',
      journeyId: 'j-1',
      stage: 'await_user_steps',
      nextAttemptAt: '2026-11-23T17:44:57.283Z',
      giveUpAt: '2026-11-30T17:44:51.056Z',
      confirmedNotDone: false,
    },
  ],
  standing: {
    status: 'pending_verification',
    access: 'limited',
    ground: 'awaiting_result',
    journeyId: 'j-1',
    version: 4,
    attention: null,
    journeys: [{ journeyId: 'j-1', open: true }],
  },
};

describe('a run that the earlier release continued', () => {
  test('goes on with everything it was given: turn, queue, ids it has seen, agenda', () => {
    const { schema, requests, standing, ...rest } = upgradeState(handedOnBy1);
    expect({ schema, ...rest }).toEqual({
      schema: 3,
      turn: 24,
      queue: handedOnBy1.queue,
      seenIds: ['app:0', 'app:1'],
      duplicates: 2,
      eventsTaken: 14,
      lastEvent: handedOnBy1.lastEvent,
      agenda: handedOnBy1.agenda,
    });
    expect(standing).toEqual({ ...handedOnBy1.standing, closed: false, frozen: false });
    expect(requests).toHaveLength(1);
  });

  test('closes the journey that it was asked to close, for the reason that was given then', () => {
    const [request] = upgradeState(handedOnBy1).requests;
    expect(request && turnOf(request)).toEqual({
      kind: 'completion_requested',
      journeyId: 'j-1',
      reason: 'asked for by phone',
      actor: 'key-1',
    });
  });

  test('keeps what a newer member says where it is there already', () => {
    const closed = upgradeState({
      ...handedOnBy1,
      requests: [{ kind: 'reopen', requestId: 'req_1', actor: 'key-1' }],
      standing: { ...handedOnBy1.standing, closed: true },
    });
    expect(closed.standing.closed).toBe(true);
    expect(closed.requests).toEqual([{ kind: 'reopen', requestId: 'req_1', actor: 'key-1' }]);
  });
});

test('a run that was continued before cases could freeze goes on as it was, with nobody frozen', () => {
  const { frozen: _frozen, ...standing } = { ...emptyState().standing, closed: true };
  const upgraded = upgradeState({ ...emptyState(), schema: 2, turn: 3, standing });
  expect(upgraded).toEqual({
    ...emptyState(),
    turn: 3,
    standing: { ...standing, frozen: false },
  });
});

test('a state of this release is taken as it is', () => {
  const state = emptyState();
  expect(upgradeState(state)).toBe(state);
});

test('a state of a later release is refused rather than cut short', () => {
  const later = { ...emptyState(), schema: 4 } as unknown as CarriedState;
  expect(() => upgradeState(later)).toThrow('form 4, which is newer than this release');
});
