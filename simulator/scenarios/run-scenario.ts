import { SimulatorControl } from '../control-client.js';
import { amlHit } from './aml-hit.js';
import { approved } from './approved.js';
import { duplicates } from './duplicates.js';
import { governmentFace } from './government-face.js';
import { lateRetry } from './late-retry.js';
import { outOfOrder } from './out-of-order.js';
import { redo } from './redo.js';
import { rejected } from './rejected.js';
import { renewal } from './renewal.js';
import { reviewApproved } from './review-approved.js';
import { sanctionsHit } from './sanctions-hit.js';
import type { Scenario } from './scenario.js';
import { ServiceApi } from './service-api.js';
import { Stage } from './stage.js';
import type { Report } from './timeline.js';
import { ScenarioFailure } from './waiting.js';

/** All scenarios, in the order in which `all` plays them. */
export const scenarios: readonly Scenario[] = [
  approved,
  rejected,
  reviewApproved,
  redo,
  renewal,
  governmentFace,
  amlHit,
  sanctionsHit,
  duplicates,
  outOfOrder,
  lateRetry,
];

export interface ScenarioSurroundings {
  /** Where our API listens. */
  api: string;
  /** Where the simulator listens. */
  simulator: string;
  apiKey: string;
  report: Report;
  /** How long each expectation is waited for; 60 s by default. */
  deadlineMs?: number;
  /** MailDev's web interface; without it no scenario looks at mails. */
  mail?: string | null;
}

export interface ScenarioResult {
  name: string;
  ok: boolean;
  tookMs: number;
  /** Why it failed, for people; null when it did not. */
  failure: string | null;
  /** Of the customers whom it has registered. */
  referenceNos: readonly string[];
}

/**
 * Plays one scenario to its end, and ends its faults whatever happens.
 *
 * @throws when there is no scenario of that name
 */
export async function runScenario(name: string, around: ScenarioSurroundings): Promise<ScenarioResult> {
  const scenario = scenarios.find((candidate) => candidate.name === name);
  if (!scenario) throw new Error(`there is no scenario ${name}`);
  const deadlineMs = around.deadlineMs ?? 60_000;
  const stage = new Stage(
    name,
    new SimulatorControl(withoutSlash(around.simulator)),
    new ServiceApi(withoutSlash(around.api), around.apiKey, deadlineMs),
    deadlineMs,
    around.mail ? withoutSlash(around.mail) : null,
    around.report,
  );
  const startedAtMs = Date.now();
  let failure: string | null = null;
  try {
    await scenario.play(stage);
  } catch (error) {
    failure = error instanceof ScenarioFailure ? error.message : `unexpected: ${String(error)}`;
  } finally {
    await stage.mendsEverything().catch((error: unknown) => {
      failure ??= `the faults could not be ended: ${String(error)}`;
    });
  }
  const tookMs = Date.now() - startedAtMs;
  if (failure !== null) {
    around.report({ scenario: name, atMs: tookMs, kind: 'failed', text: failure, tookMs: null });
  }
  return { name, ok: failure === null, tookMs, failure, referenceNos: stage.referenceNos };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
