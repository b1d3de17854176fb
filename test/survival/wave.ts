import { runScenario, type ScenarioResult, scenarios } from '../../simulator/scenarios/run-scenario.js';
import type { Mailbox } from '../end-to-end/mailbox.js';
import type { Product } from '../end-to-end/product.js';

/** The customers of one wave, one per story, all on their way at once. */
export interface Wave {
  readonly ended: Promise<ScenarioResult[]>;
  /** Whether IDWise has begun to process half of its customers. */
  isUnderWay(): boolean;
  isOver(): boolean;
}

/** Takes the product, the address of its API and where its mail goes; plays every story once, all of them together. */
export function startWave(product: Product, apiUrl: string, mailbox: Mailbox): Wave {
  let begun = 0;
  let isOver = false;
  const play = ({ name }: { readonly name: string }) =>
    runScenario(name, {
      api: apiUrl,
      simulator: product.simulator.url,
      apiKey: product.apiKey,
      mail: mailbox.webUrl,
      deadlineMs: 150_000,
      report: ({ kind, text }) => {
        if (kind === 'sent' && text.includes('processing begins')) begun += 1;
      },
    });
  const ended = Promise.all(scenarios.map(play)).finally(() => {
    isOver = true;
  });
  return { ended, isUnderWay: () => begun >= scenarios.length / 2, isOver: () => isOver };
}
