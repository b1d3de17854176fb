import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { type Answer, refusalByFault } from './answers.js';
import type { Journey } from './journey.js';
import type { Simulation } from './simulation.js';

/** What a proxy on the way might answer, under the content type of a picture. */
const PAGE = Buffer.from('<!doctype html><title>Please sign in</title>');

/** Makes the handler of an endpoint that wants credentials. */
export type RestEndpoint = (
  name: string,
  journeyOf: (request: Request) => string | null,
  serve: (request: Request) => Answer | Promise<Answer>,
) => RequestHandler;

/** Looks a journey up for a caller, and refuses as IDWise does. */
export type JourneyLookup = (journeyId: string | undefined, serve: (journey: Journey) => Answer) => Answer;

/**
 * Wraps one simulated endpoint: the call is recorded when it is received, and the faults that are on for it
 * strike (contract §10).
 *
 * @param name how the endpoint is called in faults and in the record of calls
 * @param journeyOf which journey a request is about, null for none
 * @param serve does the work and says what to answer
 */
export function simulatedEndpoint(
  simulation: Simulation,
  name: string,
  journeyOf: (request: Request) => string | null,
  serve: (request: Request) => Answer | Promise<Answer>,
): RequestHandler {
  const { calls, faults } = simulation;
  return async (request, response) => {
    const journeyId = journeyOf(request);
    const record = calls.received(name, journeyId);
    const referenceNo = journeyId === null ? null : (simulation.journey(journeyId)?.referenceNo ?? null);
    const subject = { endpoint: name, journeyId, referenceNo };

    if (faults.strike('reset', subject)) {
      record.fault = 'reset';
      simulation.changed();
      request.socket.resetAndDestroy();
      return;
    }
    const slow = faults.strike('slow', subject);
    if (slow) {
      record.fault = 'slow';
      await new Promise((resolve) => setTimeout(resolve, slow.request.ms));
    }
    const status = faults.strike('status', subject)?.request;
    if (status) record.fault = 'status';
    const served = status ? refusalByFault(status.status, status.retryAfterSeconds) : await serve(request);
    const isDisguised = served.kind === 'bytes' && faults.strike('not-an-image', subject) !== undefined;
    if (isDisguised) record.fault = 'not-an-image';
    const answer: Answer = isDisguised ? { ...served, bytes: PAGE } : served;
    simulation.changed();
    if (faults.strike('timeout-after-effect', subject)) {
      record.fault = 'timeout-after-effect';
      return;
    }
    const truncated = faults.strike('truncated', subject) !== undefined;
    if (truncated) record.fault = 'truncated';
    calls.answered(record, answer.status);
    send(response, answer, truncated);
    simulation.changed();
  };
}

function send(response: Response, answer: Answer, truncated: boolean): void {
  response.status(answer.status).set('x-request-id', randomUUID());
  switch (answer.kind) {
    case 'empty':
      response.end();
      return;
    case 'bytes':
      response.type(answer.contentType).send(truncated ? firstHalf(answer.bytes) : answer.bytes);
      return;
    case 'json': {
      const text = Buffer.from(JSON.stringify(answer.json), 'utf8');
      response.set(answer.headers ?? {}).type('application/json');
      response.send(truncated ? firstHalf(text) : text);
      return;
    }
  }
}

// Cut off in the body but complete as HTTP: the client gets text that is not JSON.
function firstHalf(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}

/** @returns a named part of the path, empty when there is none */
export function pathValue(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}
