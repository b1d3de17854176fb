import type { JourneyAnswer } from '../idwise/answers.js';
import type { Answer, IdwiseClient, Trouble } from '../idwise/client.js';
import { ENDPOINT_NAMES, ENDPOINTS, type EndpointName, IDWISE_REGIONS } from '../idwise/paths.js';
import { count } from './terminal-text.js';

interface IdwiseCheck {
  readonly client: IdwiseClient;
  readonly journeyId: string;
  /** `IDWISE_FLOW_ID`; where given, the journey must be of this flow. */
  readonly flowId?: string;
  readonly print: (line: string) => void;
}

/**
 * `npm run cli -- idwise check <journeyId>`: tries credentials, every reading path and the parsing against the
 * configured account, and says what to mend where something is wrong. Endpoints that would change something are
 * listed and not called. Prints ids and codes only, no personal data.
 *
 * Takes the client, a journey of the account and where to print; returns the number of problems.
 */
export async function idwiseCheck({ client, journeyId, flowId, print }: IdwiseCheck): Promise<number> {
  let problems = 0;
  const report = (endpoint: EndpointName, fault: string | null, remark = '') => {
    if (fault !== null) problems += 1;
    print(`${fault === null ? 'OK     ' : 'PROBLEM'}  ${endpoint.padEnd(14)} ${client.describe(endpoint)}`);
    for (const line of [fault ?? remark].filter((text) => text !== '')) print(`${' '.repeat(24)}${line}`);
  };
  const skip = (endpoint: EndpointName, why: string) => print(`skipped  ${endpoint.padEnd(14)} ${why}`);

  const journey = await client.getJourney(journeyId);
  const summary = await client.getSummary(journeyId);
  print(credentialsLine(journey, summary));
  report('getJourney', faultOf('getJourney', journey, summary.kind === 'ok'));
  report('getSummary', faultOf('getSummary', summary, journey.kind === 'ok'));

  if (journey.kind === 'ok') {
    if (flowId !== undefined && journey.value.flowId !== flowId) {
      problems += 1;
      print(
        'PROBLEM  the journey belongs to another flow: mend IDWISE_FLOW_ID, or check a journey of that flow',
      );
    }
    if (journey.value.referenceNo === null) {
      print('note     the journey bears no reference number, so its events cannot be linked to a customer');
    }
  }
  await checkImage(journey);
  await checkAmlHistory(journey);

  print('');
  print('Not called, because they change something; compare them with the documentation of your account:');
  for (const endpoint of ENDPOINT_NAMES.filter((name) => !ENDPOINTS[name].reads)) {
    print(`         ${endpoint.padEnd(18)} ${client.describe(endpoint)}`);
  }
  print('');
  print(problems === 0 ? 'No problem found.' : `${count(problems, 'problem')} found.`);
  return problems;

  async function checkImage(from: Answer<JourneyAnswer>): Promise<void> {
    const path = from.kind === 'ok' ? firstImagePath(from.value) : null;
    if (path === null) {
      return skip('getImage', from.kind === 'ok' ? 'the journey names no image' : 'needs getJourney');
    }
    report('getImage', faultOf('getImage', await client.getImage(path), true));
  }

  async function checkAmlHistory(from: Answer<JourneyAnswer>): Promise<void> {
    if (from.kind !== 'ok') return skip('getAmlHistory', 'needs getJourney');
    if (from.value.aml === null) return skip('getAmlHistory', 'the journey has no AML part');
    const history = await client.getAmlHistory(journeyId, 1);
    if (history.kind === 'not_found' && history.code !== 'http_404') {
      const remark =
        'IDWise answers that there is no version 1. If this person has had an AML update, override getAmlHistory.';
      return report('getAmlHistory', null, remark);
    }
    report('getAmlHistory', faultOf('getAmlHistory', history, true));
  }
}

function credentialsLine(...answers: readonly Answer<unknown>[]): string {
  if (answers.every((answer) => answer.kind === 'refused')) {
    return 'PROBLEM  credentials    IDWise refuses them, see below';
  }
  return answers.some(isOfIdwise)
    ? 'OK       credentials'
    : 'unknown  credentials    no answer that would tell';
}

/** Anybody answers 404 or a page; a journey, or a refusal in IDWise's own words, is given to whom it knows. */
function isOfIdwise(answer: Answer<unknown>): boolean {
  switch (answer.kind) {
    case 'ok':
      return true;
    case 'not_found':
    case 'rejected':
      return !answer.code.startsWith('http_');
    case 'unreadable':
      return answer.code.startsWith('bad_');
    default:
      return false;
  }
}

/** Takes an endpoint's answer, and whether the account answers elsewhere; returns what to mend, or null. */
function faultOf(endpoint: EndpointName, answer: Answer<unknown>, othersWork: boolean): string | null {
  return answer.kind === 'ok' ? null : `${answer.code}: ${remedy(endpoint, answer, othersWork)}`;
}

function remedy(endpoint: EndpointName, trouble: Trouble, othersWork: boolean): string {
  const override = `override "${endpoint}" in the file that IDWISE_PATHS_FILE names`;
  switch (trouble.kind) {
    case 'refused':
      if (trouble.code === 'not_allowed_ip_address') {
        return "this machine's address is not on the allow-list of your IDWise account";
      }
      if (trouble.code === 'unauthorized') {
        return 'the key belongs to another environment or account than the journey: mend IDWISE_API_KEY and IDWISE_API_SECRET';
      }
      return 'mend IDWISE_API_KEY and IDWISE_API_SECRET';
    case 'not_found':
      if (othersWork) return `the path seems to be another one in your account: ${override}`;
      return `IDWise does not know this journey here; is it another region's (IDWISE_BASE_URL is one of ${regions()})? Or the path is wrong: ${override}`;
    case 'rejected':
      return `IDWise does not take this request: ${override}`;
    case 'unavailable':
      if (trouble.code === 'redirect_refused') {
        return 'the address redirects, which is never followed: mend IDWISE_BASE_URL';
      }
      if (trouble.code.startsWith('http_')) return 'IDWise is not available at the moment: try again later';
      return 'no answer from there: mend IDWISE_BASE_URL, or the network in between';
    case 'unreadable':
      if (trouble.code.startsWith('bad_')) {
        return `the member "${trouble.code.slice(4)}" is not as documented; the service will not decide on such answers`;
      }
      return `something else answers here: mend IDWISE_BASE_URL, or ${override}`;
  }
}

function regions(): string {
  return Object.entries(IDWISE_REGIONS)
    .map(([region, url]) => `${region} ${url}`)
    .join(', ');
}

function firstImagePath(journey: JourneyAnswer): string | null {
  const paths = [
    ...journey.documents.flatMap(({ images }) => [images.frontCropped, images.front, images.back]),
    journey.selfie?.imagePath ?? null,
    journey.applicant?.profileImagePath ?? null,
  ];
  return paths.find((path) => path !== null) ?? null;
}
