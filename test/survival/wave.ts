import { runScenario, type ScenarioResult, scenarios } from '../../simulator/scenarios/run-scenario.js';
import type { Mailbox } from '../end-to-end/mailbox.js';
import type { Product } from '../end-to-end/product.js';
import { trail } from '../end-to-end/trail.js';
import { PATIENCE_MS } from '../eventually.js';

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
  const play = async ({ name }: { readonly name: string }) => {
    const result = await runScenario(name, {
      api: apiUrl,
      simulator: product.simulator.url,
      apiKey: product.apiKey,
      mail: mailbox.webUrl,
      // All customers of all waves share the machine.
      deadlineMs: 2 * PATIENCE_MS,
      report: ({ kind, text }) => {
        if (kind === 'sent' && text.includes('processing begins')) begun += 1;
      },
    });
    if (!result.ok) {
      // A server may be down just now; that is not what the story failed for.
      const trails = await Promise.all(
        result.referenceNos.map((referenceNo) => trail(product, referenceNo).catch(String)),
      );
      process.stderr.write(`      ${name}: ${result.failure}\n${trails.join('\n\n')}\n`);
    }
    return result;
  };
  const ended = Promise.all(scenarios.map(play)).finally(() => {
    isOver = true;
  });
  return { ended, isUnderWay: () => begun >= scenarios.length / 2, isOver: () => isOver };
}
