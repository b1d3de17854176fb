import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** IDWise as its documentation describes it and no more: Get Journey for one journey, behind Basic credentials. */
export interface DocumentedIdwise {
  readonly url: string;
  /** The user has finished, and IDWise has decided. */
  decides(): void;
  close(): Promise<void>;
}

/** Takes the journey's ids and its reference number; starts on a free port. Contract §3.11, §4.1 to §4.5. */
export async function startDocumentedIdwise(journey: {
  readonly journeyId: string;
  readonly flowId: string;
  readonly referenceNo: string;
}): Promise<DocumentedIdwise> {
  let isDecided = false;
  const credentials = `Basic ${Buffer.from('documented-key:documented-secret').toString('base64')}`;
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.headers.authorization !== credentials)
      answer(401, { success: false, message: 'Unauthorized', error_code: 'unauthorized' });
    else if (request.method === 'GET' && request.url === `/journey/v2/${journey.journeyId}`)
      answer(200, isDecided ? decided(journey) : open(journey));
    else answer(404, { success: false, message: 'Not found', error_code: 'missing_requested_resource' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    decides: () => {
      isDecided = true;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function open({ journeyId, flowId, referenceNo }: Parameters<typeof startDocumentedIdwise>[0]) {
  return {
    journey_id: journeyId,
    customer_id: '123628d8-e456-4375-8ff6-6e84f54f8743',
    journey_definintion_id: flowId,
    flow_id: flowId,
    reference_number: referenceNo,
    start_time: '2023-01-26T08:12:00.962462',
    end_time: null as string | null,
    system_decision: 'Incomplete',
    manual_decision: null,
    final_decision: 'Incomplete',
    model_version: '3.0',
    documents: {},
    selfie: null as unknown,
    rule_results: null as unknown,
    applicant: null as unknown,
    aml: null as unknown,
  };
}

function decided(journey: Parameters<typeof startDocumentedIdwise>[0]) {
  return {
    ...open(journey),
    end_time: '2023-01-26T08:13:00.454774',
    system_decision: 'Complete',
    final_decision: 'Complete',
    documents: {
      '0': {
        step_title: 'UAE Passport',
        progress: 'Completed',
        has_passed_rules: true,
        document_type: 'Passport',
        issuing_country: 'United Arab Emirates',
        issuing_country_code: 'ARE',
        extracted_fields: {
          'First Name': { value: 'Zoë', read_accuracy: 'High', type: 'string' },
          'Document Number': { value: 'X 123-456', read_accuracy: 'High', type: 'string' },
        },
        validation_result: { validation_outcome: 'Passed', validation_checks: [] },
        face_match_result: { is_matched: true, score: 99, images: [] },
        images: {
          input_image_path: 'image-1',
          back_side_image_path: null,
          front_side_cropped_image_path: 'image-2',
          back_side_cropped_image_path: null,
        },
      },
    },
    selfie: { status: 'Complete', is_live: true, liveness_status_code: null, image_path: 'image-3' },
    rule_results: {
      document_validation: { name: 'Authentic Document', result: 'Passed', details: [] },
      same_subject: { name: 'Same Person', result: 'Passed', details: [] },
    },
    applicant: {
      applicant_id: '4fd535d0b1234f5a3b547612',
      profile_image_path: 'image-4',
      full_name: 'Zoë Testperson',
      personal_number: '123456789',
      birth_date: '1960-05-12',
    },
    aml: { applicability: 'Applicable', matches: [] },
  };
}
