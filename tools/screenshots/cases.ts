// Customers whom monitoring finds on lists, each played through the company's API and the IDWise stand-in.

import { SimulatorControl } from '../../simulator/control-client.js';
import { ServiceApi } from '../../simulator/scenarios/service-api.js';
import { Stage } from '../../simulator/scenarios/stage.js';

/** Reference numbers of the customers that the pictures are about. */
export interface PlayedCases {
  /** On a list of politically exposed persons, and what the list says has changed since. */
  readonly exposed: string;
  /** On a sanctions list. */
  readonly sanctioned: string;
  /** In the press. */
  readonly inThePress: string;
  /** On a list of politically exposed persons, to be proposed as somebody else. */
  readonly alike: string;
  /** Before a reviewer in the Studio. */
  readonly underReview: string;
}

const DEADLINE_MS = 60_000;

/** Takes where API and simulator are; returns the customers once everything about them has been told. */
export async function playCases(place: {
  readonly apiUrl: string;
  readonly simulatorUrl: string;
  readonly mailUrl: string;
  readonly apiKey: string;
}): Promise<PlayedCases> {
  const simulator = new SimulatorControl(place.simulatorUrl);
  const api = new ServiceApi(place.apiUrl, place.apiKey, DEADLINE_MS);
  const stage = new Stage('desk', simulator, api, DEADLINE_MS, place.mailUrl, () => undefined);

  const approved = async (firstName: string, lastName: string, birthDate: string) => {
    const customer = await stage.newCustomer();
    const person = { firstName, lastName, birthDate, documentType: 'Passport' };
    await customer.goesThroughJourney({ outcome: 'complete', person });
    await customer.becomes('approved', 'full');
    return customer;
  };
  const exposed = await approved('Juliett', 'Placeholder', '1984-05-06');
  const resourceId = 'd3b07384d113edec49eaa6238ad5ff00';
  await simulator.changeAml(exposed.journeyId, {
    added: [
      {
        resourceId,
        name: 'Juliett M. Placeholder',
        datasets: ['Politically Exposed Person'],
        countries: ['Utopia'],
        datesOfBirth: ['1951'],
        score: 88,
      },
    ],
  });
  // What is told by now is one version, and the next change another.
  await stage.complianceIsMailed(exposed);
  await simulator.changeAml(exposed.journeyId, {
    changed: [
      {
        resourceId,
        datasets: ['Politically Exposed Person', 'Adverse Media'],
        datesOfBirth: ['1951', '1952'],
        score: 93,
      },
    ],
  });
  const sanctioned = await approved('Oscar', 'Specimen', '1967-11-02');
  await simulator.changeAml(sanctioned.journeyId, { added: [{ datasets: ['Sanctions'], score: 97 }] });
  const inThePress = await approved('Sierra', 'Testperson', '1990-01-24');
  await simulator.changeAml(inThePress.journeyId, { added: [{ datasets: ['Adverse Media'] }] });
  const alike = await approved('Kilo', 'Nobodyová', '1979-08-15');
  await simulator.changeAml(alike.journeyId, { added: [{ datasets: ['Politically Exposed Person'] }] });
  const underReview = await stage.newCustomer();
  await underReview.goesThroughJourney({ outcome: 'refer' });
  await underReview.becomes('under_review', 'limited');
  for (const customer of [sanctioned, inThePress, alike, underReview])
    await stage.complianceIsMailed(customer);
  return {
    exposed: exposed.referenceNo,
    sanctioned: sanctioned.referenceNo,
    inThePress: inThePress.referenceNo,
    alike: alike.referenceNo,
    underReview: underReview.referenceNo,
  };
}
