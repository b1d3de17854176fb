import { amlResult } from './aml-result.js';
import { assess, documentRules, ruleTitles, stepPasses } from './assessment.js';
import { type Journey, type StepImages, selfieStep, type UserStep } from './journey.js';
import type { Settings } from './state.js';
import { idwiseTimestamp } from './timestamps.js';

// The account (tenant), not the end customer (contract §4.1).
const accountId = '00000000-5157-4000-8000-000000000000';

/**
 * Get Journey Result, journey model 3.0 (contract §4): documented members only, misspelling included.
 *
 * @param pretendIncomplete shows the journey as not yet finished, whatever it is
 */
export function journeyResult(journey: Journey, settings: Settings, pretendIncomplete = false) {
  const systemDecision = pretendIncomplete ? 'Incomplete' : journey.systemDecision;
  const read = journey.steps.some((step) => step.stepType === 'Document' && step.concluded);
  return {
    journey_id: journey.journeyId,
    customer_id: accountId,
    journey_definintion_id: journey.flowId,
    flow_id: journey.flowId,
    reference_number: journey.referenceNo,
    start_time: idwiseTimestamp(journey.startMicros),
    end_time: journey.endMicros === null || pretendIncomplete ? null : idwiseTimestamp(journey.endMicros),
    system_decision: systemDecision,
    manual_decision: journey.manualDecision,
    final_decision: journey.manualDecision ?? systemDecision,
    model_version: '3.0',
    documents: Object.fromEntries(
      journey.steps
        .filter((step) => step.stepType === 'Document')
        .map((step) => [step.stepId, documentResult(journey, step, settings)]),
    ),
    selfie: selfieResult(journey),
    rule_results: read ? ruleResults(journey) : null,
    applicant: read ? applicantOf(journey) : null,
    aml: journey.aml && amlResult(journey.aml),
    screening_checks: screeningChecks(journey),
    device_intelligence: {},
  };
}

function documentResult(journey: Journey, step: UserStep, settings: Settings) {
  const { person } = journey;
  const { failedRules } = assess(journey);
  const recognised = step.concluded && !failedRules.includes('unrecognized_document');
  return {
    step_title: step.title,
    progress: step.concluded ? 'Completed' : step.submissions > 0 ? 'Started' : 'NotStarted',
    has_passed_rules: step.concluded && stepPasses('Document', failedRules),
    document_type: recognised ? person.documentType : null,
    issuing_country: recognised ? person.issuingCountry : null,
    issuing_country_code: recognised ? person.issuingCountryCode : null,
    extracted_fields: recognised ? extractedFields(journey) : {},
    validation_result: step.concluded ? validationResult(failedRules) : null,
    face_match_result: step.concluded ? documentFaceMatch(journey, step, failedRules) : null,
    images: step.images && documentImages(step.images, settings.imageNames),
  };
}

function extractedFields(journey: Journey) {
  const { person } = journey;
  const text = (value: string) => ({ value, read_accuracy: 'High', type: 'string' });
  return {
    'Full Name': text(`${person.firstName} ${person.lastName}`),
    'First Name': text(person.firstName),
    'Last Name': text(person.lastName),
    'Personal Number': text(person.personalNumber),
    'Birth Date': text(person.birthDate),
    'Birth Place': text(person.birthPlace),
    Sex: text(person.sex === 'male' ? 'Male' : 'Female'),
    Nationality: text(person.nationality),
    'Nationality Code': text(person.nationalityCode),
    'Document Number': text(person.documentNumber),
    'Issue Date': text(person.issueDate),
    'Expiry Date': text(person.expiryDate),
    'Issuing Country Code': text(person.issuingCountryCode),
    Photo: { value: null, read_accuracy: null, type: 'image' },
  };
}

function validationResult(failedRules: readonly string[]) {
  const classified = !failedRules.includes('unrecognized_document');
  const authentic = !failedRules.includes('document_validation');
  return {
    validation_outcome: classified && authentic ? 'Passed' : 'Failed',
    validation_checks: [
      {
        name: 'Document Classification (Front)',
        description: 'Whether the type of document is known and supported.',
        result: classified ? 'Passed' : 'Failed',
        result_description: classified
          ? 'The document type was determined'
          : 'The document type could not be determined',
      },
      {
        name: 'Security Features (Front)',
        description: 'Whether the features of a genuine document are there.',
        result: classified ? (authentic ? 'Passed' : 'Failed') : 'Undetermined',
        result_description: authentic ? 'Nothing was found' : 'A feature is missing',
      },
    ],
  };
}

function documentFaceMatch(journey: Journey, step: UserStep, failedRules: readonly string[]) {
  const selfie = selfieStep(journey);
  if (!selfie?.images || !selfie.concluded || !step.images) return null;
  const isMatched = !failedRules.includes('same_subject');
  return {
    is_matched: isMatched,
    score: isMatched ? 99 : 12,
    images: [
      { image_path: selfie.images.front, image_source: 'Selfie' },
      { image_path: step.images.frontCropped ?? step.images.front, image_source: 'Document' },
    ],
  };
}

function documentImages(images: StepImages, names: Settings['imageNames']) {
  return names === 'sample'
    ? {
        input_image_path: images.front,
        back_side_image_path: images.back,
        front_side_cropped_image_path: images.frontCropped,
        back_side_cropped_image_path: images.backCropped,
      }
    : {
        front_image_path: images.front,
        back_image_path: images.back,
        front_cropped_image_path: images.frontCropped,
        back_cropped_image_path: images.backCropped,
      };
}

function selfieResult(journey: Journey) {
  const step = selfieStep(journey);
  if (!step) return null;
  const { failedRules } = assess(journey);
  const passed = stepPasses('Selfie', failedRules);
  return {
    status: step.concluded ? (passed ? 'Complete' : 'Refer') : 'Not Started',
    is_live: step.concluded ? !failedRules.includes('liveness') : null,
    liveness_status_code: step.concluded && failedRules.includes('liveness') ? 'FACE_NOT_FOUND' : null,
    image_path: step.images?.front ?? null,
  };
}

function ruleResults(journey: Journey) {
  const { failedRules } = assess(journey);
  const documents = journey.steps.filter((step) => step.stepType === 'Document');
  const shown = Object.entries(ruleTitles).filter(
    ([key]) =>
      (key !== 'no_aml_records' || journey.aml?.applicability === 'Applicable') &&
      (key !== 'same_subject' || selfieStep(journey)?.concluded),
  );
  return Object.fromEntries(
    shown.map(([key, name]) => {
      const result = failedRules.includes(key) ? 'Failed' : 'Passed';
      const details = documents.map((step) => ({
        title: `${step.title} - Front`,
        result,
        result_description: `${name}: ${result}`,
        reference_object: { object_key: 'documents', instance_key: step.stepId },
      }));
      const texts = { description: `Checks "${name}".`, information: '', tips: '' };
      return [key, { name, result, ...texts, details: documentRules.includes(key) ? details : [] }];
    }),
  );
}

function applicantOf(journey: Journey) {
  const { person } = journey;
  return {
    applicant_id: person.applicantId,
    profile_image_path: selfieStep(journey)?.images?.front ?? null,
    full_name: `${person.firstName} ${person.lastName}`,
    personal_number: person.personalNumber,
    birth_date: person.birthDate,
  };
}

function screeningChecks(journey: Journey) {
  const face = journey.customStep?.face;
  const selfie = selfieStep(journey)?.images;
  if (!face?.compared || !selfie) return {};
  return {
    additional_face_db: {
      image_path: face.imageId,
      face_match_results: [
        {
          is_matched: journey.faceMatched,
          score: journey.faceMatched ? 98 : 7,
          images: [
            { image_path: selfie.front, image_source: 'Selfie' },
            { image_path: face.imageId, image_source: 'AdditionalFace' },
          ],
        },
      ],
    },
  };
}
