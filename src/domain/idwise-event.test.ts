import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../test/builders/property-runs.js';
import { type IdwiseEvent, readIdwiseEvent } from './idwise-event.js';

const BODY = { eventId: 'event-1', journeyId: 'journey-1', referenceNo: 'ref-1', systemDecision: 'Complete' };

/** Takes a webhook; returns the event, which it must be. */
function understood(event: unknown, body: unknown = BODY): IdwiseEvent {
  const read = readIdwiseEvent({ event, body });
  if (read.kind !== 'event') throw new Error(`${String(event)} was not understood: ${read.reason}`);
  return read.event;
}

describe('names', () => {
  test.each([
    ['Finished Step', 'finished_step'],
    ['Step Submitted', 'finished_step'],
    ['Finished User Steps', 'finished_user_steps'],
    ['Finished Journey', 'finished_journey'],
    ['Manually Reviewed', 'manually_reviewed'],
    ['Manual Review', 'manually_reviewed'],
    ['Updated Journey', 'updated_journey'],
    ['AML Monitor Update', 'aml_monitor_update'],
    ['AML Monior Update', 'aml_monitor_update'],
    ['Verification Update Required', 'verification_update_required'],
    ['KYC Renewal Deadline Exceeded', 'kyc_renewal_deadline_exceeded'],
    ['Finished Spot Check', 'finished_spot_check'],
    ['Finished spot Check', 'finished_spot_check'],
    ['Finished Ongoing Check', 'finished_spot_check'],
    ['  finished \n JOURNEY ', 'finished_journey'],
  ])('%j is understood as %s', (name, kind) => {
    expect(understood(name)).toMatchObject({ kind, eventId: 'event-1', journeyId: 'journey-1' });
  });

  test.each([
    'Updated Case',
    'Incomplete Submission',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
  ])('%j is an unknown event, whose ids are kept', (name) => {
    expect(readIdwiseEvent({ event: name, body: BODY })).toEqual({
      kind: 'not_understood',
      reason: 'unknown_event',
      eventId: 'event-1',
      journeyId: 'journey-1',
      referenceNo: 'ref-1',
    });
  });

  test.each([undefined, null, '', '   ', {}, [], true, 'x'.repeat(257)])(
    'a webhook whose event is %j has no event name',
    (event) => {
      expect(readIdwiseEvent({ event, body: BODY })).toMatchObject({
        kind: 'not_understood',
        reason: 'no_event_name',
        journeyId: 'journey-1',
      });
    },
  );
});

describe('payloads of the contract', () => {
  test('the first generation bears no event id, and the three decisions with any event', () => {
    const body = {
      journeyId: '62e6f0a05d0c',
      referenceNo: '84023',
      systemDecision: 'Refer',
      manualDecision: 'Approved',
      finalDecision: 'Approved',
    };
    expect(understood('Finished Journey', body)).toEqual({
      kind: 'finished_journey',
      eventId: null,
      journeyId: '62e6f0a05d0c',
      referenceNo: '84023',
      manualDecision: 'Approved',
      action: null,
      amlVersion: null,
      trigger: null,
      requiredSteps: [],
    });
  });

  test('Updated Journey names its action, whichever it is', () => {
    for (const action of ['Step Update', 'AML Amend', 'AML OGM Update', 'Manual Review', 'Something New'])
      expect(understood('Updated Journey', { ...BODY, action }).action).toBe(action);
    expect(understood('Finished Journey', { ...BODY, action: 'Step Update' }).action).toBeNull();
  });

  test.each([
    [1, 1],
    [0, 0],
    ['7', 7],
    ['**1**', 1],
    [' 12 ', 12],
    [1.5, null],
    [-1, null],
    ['one', null],
    ['1e3', null],
    ['', null],
    [null, null],
    [1e21, null],
    [Number.NaN, null],
    [[1], null],
    [{ version: 1 }, null],
  ])('the AML version %j is read as %j', (updatedAMLVersionNumber, version) => {
    expect(understood('AML Monitor Update', { ...BODY, updatedAMLVersionNumber }).amlVersion).toBe(version);
  });

  test('Verification Update Required names its trigger and the steps, their ids as text', () => {
    const requiredSteps = [
      { stepId: '20', reasonCode: 'RESUBMIT_BAD_QUALITY' },
      { stepId: 0 },
      { stepId: null, reasonCode: 'lost' },
      'odd',
      null,
      [],
    ];
    expect(
      understood('Verification Update Required', { ...BODY, trigger: 'Manual Review', requiredSteps }),
    ).toMatchObject({
      trigger: 'Manual Review',
      requiredSteps: [
        { stepId: '20', reasonCode: 'RESUBMIT_BAD_QUALITY', renewalDeadline: null },
        { stepId: '0', reasonCode: null, renewalDeadline: null },
      ],
    });
  });

  test.each([
    ['2025-09-15T00:00:00Z', '2025-09-15T00:00:00.000Z'],
    ['2025-09-15T02:00:00+02:00', '2025-09-15T00:00:00.000Z'],
    ['2025-09-15T00:00:00.123456', '2025-09-15T00:00:00.123Z'],
    ['2025-09-15 00:00', '2025-09-15T00:00:00.000Z'],
    ['2025-09-15', '2025-09-15T00:00:00.000Z'],
    ['2025-13-45T00:00:00Z', null],
    ['soon', null],
    ['5', null],
    [5, null],
  ])('the renewal deadline %j is %j, in whatever zone this runs', (renewalDeadline, instant) => {
    const body = { ...BODY, requiredSteps: [{ stepId: '1', renewalDeadline }] };
    expect(understood('KYC Renewal Deadline Exceeded', body).requiredSteps).toEqual([
      { stepId: '1', reasonCode: null, renewalDeadline: instant },
    ]);
  });

  test('a spot check has no journey id in the new form and the enrolment’s in the old', () => {
    const { journeyId: _none, ...body } = BODY;
    expect(understood('Finished Spot Check', { ...body, spotCheckJourneyId: 'spot' }).journeyId).toBeNull();
    expect(understood('Finished Ongoing Check', { ...BODY, ongoingCheckId: 'check' }).journeyId).toBe(
      'journey-1',
    );
  });

  test('further members are ignored, wherever they stand', () => {
    const plain = readIdwiseEvent({ event: 'Finished Journey', body: BODY });
    const grown = { event: 'Finished Journey', sentAt: 5, body: { ...BODY, more: { deep: [1, {}] } } };
    expect(readIdwiseEvent(grown)).toEqual(plain);
  });
});

describe('odd members', () => {
  test.each([null, '', '  ', undefined, {}, [], true, 'x'.repeat(257)])(
    'a reference number, journey id or event id of %j is absent',
    (odd) => {
      const body = { eventId: odd, journeyId: odd, referenceNo: odd };
      expect(understood('Finished Journey', body)).toMatchObject({
        eventId: null,
        journeyId: null,
        referenceNo: null,
      });
    },
  );

  test('ids are trimmed, and numbers are taken as text', () => {
    const body = { eventId: 7, journeyId: ' journey-1 ', referenceNo: 0 };
    expect(understood('Finished Journey', body)).toMatchObject({
      eventId: '7',
      journeyId: 'journey-1',
      referenceNo: '0',
    });
  });

  test('an event id beside the body is found too', () => {
    const read = readIdwiseEvent({ event: 'Finished Journey', eventId: 'outside', body: { journeyId: 'j' } });
    expect(read).toMatchObject({ kind: 'event', event: { eventId: 'outside' } });
  });

  test('steps beyond fifty are not kept', () => {
    const requiredSteps = Array.from({ length: 500 }, (_, stepId) => ({ stepId }));
    expect(understood('Verification Update Required', { requiredSteps }).requiredSteps).toHaveLength(50);
  });

  test('no JSON whatever makes it throw, and what it returns is plain and bounded', () => {
    const member = fc.oneof(
      fc.jsonValue(),
      fc.string(),
      fc.constantFrom('constructor', '__proto__', 'Finished Step'),
    );
    const body = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom(
          'eventId',
          'journeyId',
          'referenceNo',
          'manualDecision',
          'action',
          'trigger',
          'requiredSteps',
          'updatedAMLVersionNumber',
        ),
        fc.oneof(
          member,
          fc.array(fc.dictionary(fc.constantFrom('stepId', 'reasonCode', 'renewalDeadline'), member)),
        ),
      ),
    );
    const name = fc.oneof(
      member,
      fc.constantFrom('AML Monitor Update', 'Updated Journey', 'Verification Update Required'),
    );
    const webhook = fc.oneof(fc.jsonValue(), fc.record({ event: name, body }));
    fc.assert(
      fc.property(webhook, (json) => {
        const read = readIdwiseEvent(json);
        expect(JSON.parse(JSON.stringify(read))).toEqual(read);
        expect(JSON.stringify(read).length).toBeLessThan(50 * 3 * 2_000);
      }),
      { seed: 20_260_101, numRuns: propertyRuns(500) },
    );
  });
});
