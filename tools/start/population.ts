// A handful of customers on the first start, played through the real interfaces, so that the Temporal UI, the mailbox
// and the database have something to look at. Never on servers that somebody else named.

import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { SimulatorControl } from '../../simulator/control-client.js';
import { runScenario } from '../../simulator/scenarios/run-scenario.js';
import { ServiceApi } from '../../simulator/scenarios/service-api.js';
import { Stage } from '../../simulator/scenarios/stage.js';
import type { TimelineEntry } from '../../simulator/scenarios/timeline.js';
import type { Report } from '../servers/progress.js';

export interface PopulationPlace {
  readonly apiUrl: string;
  readonly simulatorUrl: string;
  /** The mailbox's web interface, where it is ours. */
  readonly mailUrl: string | null;
  readonly apiKey: string;
  /** population.json: what is still to be played. */
  readonly recordPath: string;
  readonly logPath: string;
}

const STORIES = ['approved', 'rejected', 'review-approved', 'asked-to-redo', 'aml-hit'] as const;
const DEADLINE_MS = 60_000;

/** What is still to be played: everything where no customer is yet, else what an interrupted start has left over. */
export function pendingStories(recordPath: string, isEmpty: boolean): readonly string[] {
  if (isEmpty) return STORIES;
  try {
    const record = JSON.parse(readFileSync(recordPath, 'utf8')) as { pending?: unknown };
    return STORIES.filter((story) => Array.isArray(record.pending) && record.pending.includes(story));
  } catch {
    return [];
  }
}

/** Plays the stories one after the other. Never throws: a demo without population is still a demo. */
export async function populate(
  stories: readonly string[],
  place: PopulationPlace,
  report: Report,
): Promise<void> {
  const startedMs = Date.now();
  const failures: string[] = [];
  for (const [index, story] of stories.entries()) {
    remember(place.recordPath, stories.slice(index));
    const failure = await play(story, place).catch((error: unknown) => String(error));
    if (failure !== null) failures.push(`${story}: ${failure}`);
  }
  remember(place.recordPath, []);
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  if (failures.length === 0) report(`The first customers are in: ${stories.join(', ')} (${seconds} s).`);
  else
    report(
      `Of the first customers, some did not get where they should (log: ${place.logPath}):\n  ${failures.join('\n  ')}`,
    );
}

async function play(story: string, place: PopulationPlace): Promise<string | null> {
  const log = (entry: TimelineEntry) =>
    appendFileSync(place.logPath, `${entry.scenario} ${entry.atMs} ms ${entry.kind}: ${entry.text}\n`, {
      mode: 0o600,
    });
  if (story === 'asked-to-redo') {
    await playAskedToRedo(place, log);
    return null;
  }
  const result = await runScenario(story, {
    api: place.apiUrl,
    simulator: place.simulatorUrl,
    mail: place.mailUrl,
    apiKey: place.apiKey,
    deadlineMs: DEADLINE_MS,
    report: log,
  });
  return result.failure;
}

// The scenario `redo` up to where the customer has been asked: somebody has to be waiting in this state.
async function playAskedToRedo(place: PopulationPlace, log: (entry: TimelineEntry) => void): Promise<void> {
  const simulator = new SimulatorControl(place.simulatorUrl);
  const api = new ServiceApi(place.apiUrl, place.apiKey, DEADLINE_MS);
  const stage = new Stage('asked-to-redo', simulator, api, DEADLINE_MS, place.mailUrl, log);
  const customer = await stage.newCustomer();
  await customer.goesThroughJourney({ outcome: 'refer' });
  await customer.becomes('under_review', 'limited');
  await stage.sends('Studio: asks for step 0 again', () =>
    simulator.review(customer.journeyId, 'Resubmission Requested', {
      steps: [{ stepId: '0', reasonCode: 'RESUBMIT_BLUR' }],
    }),
  );
  await customer.becomes('resubmission_required', 'limited');
}

function remember(path: string, pending: readonly string[]): void {
  writeFileSync(`${path}.new`, JSON.stringify({ pending }));
  renameSync(`${path}.new`, path);
}
