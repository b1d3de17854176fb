import type { z } from 'zod';
import type { customerStanding } from '../http/operator-schemas.js';
import { eventTable } from './event-pages.js';
import { fields, part, table, time, timeFromNow } from './terminal-text.js';

type Standing = z.output<typeof customerStanding>;

/** Takes how a customer stands and the time in milliseconds; returns the page of it. */
export function customerPage(customer: Standing, nowMs: number): string {
  const when = (instant: string | null) => (instant === null ? null : timeFromNow(instant, nowMs));
  const { approval } = customer;
  return [
    `${customer.referenceNo} is ${customer.status}, access ${customer.access}`,
    fields([
      ['because', customer.ground],
      ['attention', customer.attention],
      ['holds', customer.holds.length === 0 ? null : customer.holds.join(', ')],
      ['closed', when(customer.closedAt)],
      ['approval', approval && `journey ${approval.journeyId}, by ${approval.by}, ${time(approval.at)}`],
      ['version', `${customer.version}, ${timeFromNow(customer.updatedAt, nowMs)}`],
      ['compared', when(customer.nextCheckAt)],
      ['workflow', customer.workflowId],
    ]),
    part('Journeys', journeys(customer)),
    part(
      'What comes next',
      customer.agenda.length === 0
        ? 'Nothing, until an event comes.'
        : table(
            ['what', 'journey', 'next try', 'given up'],
            customer.agenda.map(({ what, journeyId, nextAttemptAt, giveUpAt }) => [
              what,
              journeyId ?? '',
              timeFromNow(nextAttemptAt, nowMs),
              giveUpAt === null ? '' : time(giveUpAt),
            ]),
          ),
    ),
    part('Last events', customer.events.length === 0 ? 'None.' : eventTable(customer.events)),
    part(
      'Last records',
      table(
        ['no.', 'at', 'effect', 'by', 'cause', 'journey'],
        customer.history.map(({ sequence, at, effect, actor, cause, journeyId }) => [
          String(sequence),
          time(at),
          effect,
          actor,
          cause.kind,
          journeyId ?? '',
        ]),
      ),
    ),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function journeys({ journeys: all }: Standing): string {
  if (all.length === 0) return 'None.';
  return table(
    ['journey', 'system', 'manual', 'fetched', 'aml', 'owed'],
    all.map(({ journeyId, systemDecision, manualDecision, fetchedAt, amlVersions, owedLook }) => [
      journeyId,
      systemDecision ?? '',
      manualDecision ?? '',
      fetchedAt === null ? 'never' : time(fetchedAt),
      `${amlVersions.stored} of ${Math.max(amlVersions.heard, amlVersions.stored)}`,
      owedLook === null
        ? ''
        : `a look, ${owedLook.attempts} tries, ${owedLook.trouble ?? 'none answered yet'}`,
    ]),
  );
}
