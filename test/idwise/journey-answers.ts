/** Journeys as the contract's §4 shows them, in both documented variants; every person in them is invented. */

type Json = Record<string, unknown>;

/** Takes changes to top-level members; returns an approved journey of a flow with passport, selfie, rules and AML. */
export function finishedJourney(changes: Json = {}): Json {
  return {
    journey_id: '12d62f80e15c1d50ff23db54',
    customer_id: '123628d8-e456-4375-8ff6-6e84f54f8743',
    journey_definintion_id: 'flow-1',
    flow_id: 'flow-1',
    reference_number: 'abc-123-FE13',
    start_time: '2023-01-26T08:12:00.962462',
    end_time: '2023-01-26T08:13:00.454774',
    system_decision: 'Complete',
    manual_decision: null,
    final_decision: 'Complete',
    model_version: '3.0',
    documents: { '0': passport() },
    selfie: { status: 'Complete', is_live: true, liveness_status_code: null, image_path: 'selfie-1' },
    rule_results: {
      document_validation: { name: 'Authentic Document', result: 'Passed', details: [] },
      no_aml_records: { name: 'Datasets (e-KYC/AML)', result: 'Passed', details: [] },
    },
    applicant: {
      applicant_id: '4fd535d0b1234f5a3b547612',
      profile_image_path: 'profile-1',
      full_name: 'Zoë Testperson',
      personal_number: '784-1960-1234567-1',
      birth_date: '1960-05-12',
    },
    aml: {
      applicability: 'Applicable',
      matches: [],
      ongoing_monitoring_enabled: true,
      last_ongoing_monitoring_update: null,
      search_datetime: '2023-01-26T08:12:50.000000',
    },
    screening_checks: null,
    device_intelligence: { some: ['future', 'member'] },
    ...changes,
  };
}

/** Takes changes; returns a passport as documented by the sample of §4.2. */
export function passport(changes: Json = {}): Json {
  return {
    step_title: 'Passport',
    progress: 'Completed',
    has_passed_rules: true,
    document_type: 'Passport',
    issuing_country: 'United Arab Emirates',
    issuing_country_code: 'ARE',
    extracted_fields: {
      'First Name': { value: 'Zoë', read_accuracy: 'High', type: 'string' },
      'Last Name': { value: 'Testperson', read_accuracy: 'High', type: 'string' },
      'Document Number': { value: 'X 123-456', read_accuracy: 'High', type: 'string' },
      'Expiry Date': { value: '2030-01-31', read_accuracy: 'High', type: 'string' },
      Photo: { value: null, read_accuracy: null, type: 'image' },
    },
    validation_result: {
      validation_outcome: 'Passed',
      validation_checks: [{ name: 'Document Classification (Front)', result: 'Passed' }],
    },
    face_match_result: {
      is_matched: true,
      score: 99,
      images: [{ image_path: 'selfie-1', image_source: 'Selfie' }],
    },
    images: {
      input_image_path: 'front-1',
      back_side_image_path: null,
      front_side_cropped_image_path: 'front-cropped-1',
      back_side_cropped_image_path: null,
    },
    ...changes,
  };
}

/** Takes changes; returns one AML match with the members of both generations (contract §4.6). */
export function amlMatch(changes: Json = {}): Json {
  return {
    score: 82,
    name: 'Zoe Testperson',
    countries: ['EA', 'AE'],
    datesOfBirth: [1960],
    datasets: ['Sanctions', 'Adverse Media'],
    resource_id: 'resource-1',
    is_whitelisted: false,
    aml_record_version: 1,
    ...changes,
  };
}
