import type { ImportLine } from '../../src/usecases/import-customers.js';
import { eventually } from '../eventually.js';
import type { Product } from './product.js';

const AT_ONCE = 20;

/**
 * Takes the product, how many and a beginning for their ids; has so many customers go through IDWise without a word of it
 * reaching us, as before a company ran this service. Every tenth is rejected. Returns their lines.
 */
export async function installedBase(
  product: Product,
  customers: number,
  prefix: string,
): Promise<ImportLine[]> {
  await product.sim('PUT', '/sim/subscriptions', { events: [] });
  const lines: ImportLine[] = [];
  const verify = async (number: number) => {
    const referenceNo = `${prefix}-${number}`;
    const outcome = number % 10 === 0 ? { outcome: 'rejected' } : {};
    const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo, ...outcome });
    await product.sim('POST', `/sim/sdk/journeys/${String(journeyId)}/finish`);
    lines[number] = { customerId: `customer-of-${referenceNo}`, referenceNo, journeyId: String(journeyId) };
  };
  for (let from = 0; from < customers; from += AT_ONCE) {
    const most = Math.min(AT_ONCE, customers - from);
    await Promise.all(Array.from({ length: most }, (_, index) => verify(from + index)));
  }
  await eventually('IDWise is through with all of them', async () => {
    const { journeys } = await product.sim('GET', '/sim/journeys');
    return (journeys as { phase: string }[]).every(({ phase }) => phase === 'finished') ? true : undefined;
  });
  await product.sim('PUT', '/sim/subscriptions', { events: ['Manually Reviewed', 'AML Monitor Update'] });
  return lines;
}

/** Takes a line; returns it as it stands in a file. */
export function lineOfCsv({ customerId, referenceNo, journeyId }: ImportLine): string {
  return `${customerId},${referenceNo},${journeyId}`;
}
