import {
  AML_RULE,
  type AmlOutcome,
  type DocumentOutcome,
  type IdentityDigests,
  type JourneySnapshot,
} from '../domain/journey.js';
import { imagesOf } from './answer-images.js';
import type { AmlMatch } from './answer-schemas.js';
import type { DocumentAnswer, JourneyAnswer } from './answers.js';
import { canonicalJson, keyedDigest } from './canonical-json.js';
import { applicantOf, expiryDateOf, primaryDocument } from './person.js';

/**
 * Takes a parsed journey and the customer's digest key; returns what the domain decides by: outcomes and digests, no
 * personal data (design §4.7). Every digest is keyed, so two customers' equal data never shows as equal digests.
 */
export function toSnapshot(answer: JourneyAnswer, identityKey: Uint8Array): JourneySnapshot {
  const digest = (purpose: string, value: unknown) =>
    keyedDigest(identityKey, purpose, canonicalJson(value, 'kept'));
  return {
    journeyId: answer.journeyId,
    flowId: answer.flowId,
    startTime: answer.startTime,
    endTime: answer.endTime,
    systemDecision: answer.systemDecision,
    manualDecision: answer.manualDecision,
    documents: answer.documents.map(documentOutcome),
    selfie: answer.selfie && {
      status: answer.selfie.status ?? '',
      live: answer.selfie.live,
      livenessStatusCode: answer.selfie.livenessStatusCode,
    },
    rules: Object.fromEntries(answer.rules.map((rule) => [rule.key, rule.result ?? ''])),
    governmentFaceMatched: governmentFaceMatched(answer),
    aml: answer.aml && amlOutcome(answer.aml, identityKey),
    identity: identityDigests(answer, identityKey),
    ...howFarTheUserIs(answer),
    stepsDigest: digest('steps', stepsOf(answer)),
    resultDigest: digest('result', resultOf(answer)),
    imagesDigest: digest('images', imagesOf(answer)),
    answerDigest: digest('answer', answer.raw),
  };
}

function documentOutcome(document: DocumentAnswer): DocumentOutcome {
  return {
    stepId: document.stepId,
    completed: document.progress === null || document.progress === 'Completed',
    passed: documentPassed(document),
    expiryDate: expiryDateOf(document),
  };
}

/** Nothing about the document may have failed; where IDWise gives no verdict on its rules, the validation's counts. */
function documentPassed(document: DocumentAnswer): boolean {
  if (document.validationOutcome === 'Failed' || document.faceMatch?.matched === false) return false;
  return document.hasPassedRules ?? document.validationOutcome === 'Passed';
}

/** Contract §4.7: null while there is no result, or none that says yes or no. */
function governmentFaceMatched(answer: JourneyAnswer): boolean | null {
  const results = answer.governmentFace?.map((face) => face.matched) ?? [];
  if (results.length === 0) return null;
  if (results.includes(false)) return false;
  return results.includes(null) ? null : true;
}

function amlOutcome(aml: NonNullable<JourneyAnswer['aml']>, identityKey: Uint8Array): AmlOutcome {
  return {
    applicability: aml.applicability,
    openMatches: aml.matches.filter((match) => match['is_whitelisted'] !== true).length,
    digest: keyedDigest(identityKey, 'aml', canonicalJson(aml.matches, 'ignored')),
    version: highestVersion(aml.matches),
  };
}

function highestVersion(matches: readonly AmlMatch[]): number | null {
  const versions = matches
    .map((match) => match['aml_record_version'])
    .map((version) => (typeof version === 'string' && /^\d{1,9}$/.test(version) ? Number(version) : version))
    .filter((version): version is number => typeof version === 'number' && Number.isSafeInteger(version));
  return versions.length === 0 ? null : versions.reduce((a, b) => Math.max(a, b));
}

/**
 * Contract §4.2, §4.3: a step that has not been begun is still to come; where every step is completed, all are in. In
 * between, while IDWise reads what was handed in, the answer does not tell.
 */
function howFarTheUserIs({ documents, selfie }: JourneyAnswer): Pick<JourneySnapshot, 'userStepsIn'> {
  const isWanting =
    documents.some(({ progress }) => progress === 'NotStarted') || selfie?.status === 'Not Started';
  if (isWanting) return { userStepsIn: false };
  const isSelfieIn = selfie === null || selfie.status !== null;
  const isComplete =
    documents.length > 0 && documents.every(({ progress }) => progress === 'Completed') && isSelfieIn;
  return isComplete ? { userStepsIn: true } : {};
}

/** The user's own pictures and how far each step is. The government's face is ours, not a step of the user. */
function stepsOf(answer: JourneyAnswer): unknown {
  return {
    documents: answer.documents.map(({ stepId, progress, images }) => ({
      stepId,
      progress,
      front: images.front ?? images.frontCropped,
      back: images.back ?? images.backCropped,
    })),
    selfie: answer.selfie && {
      begun: answer.selfie.status !== null && answer.selfie.status !== 'Not Started',
      image: answer.selfie.imagePath,
    },
  };
}

/**
 * What IDWise concluded. The pictures themselves and the progress stay out: they change when the user hands in again,
 * which is before IDWise has judged, and an old decision over new pictures must not look like a new result (design
 * §2, "until the fetched result has changed"). AML and its rule stay out too.
 */
function resultOf(answer: JourneyAnswer): unknown {
  return {
    systemDecision: answer.systemDecision,
    manualDecision: answer.manualDecision,
    endTime: answer.endTime,
    documents: answer.documents.map(({ images: _images, progress: _progress, fields, ...outcome }) => ({
      ...outcome,
      fields: Object.fromEntries(fields),
    })),
    selfie: answer.selfie && { ...answer.selfie, imagePath: null },
    rules: answer.rules.filter((rule) => rule.key !== AML_RULE).map(({ key, result }) => ({ key, result })),
    governmentFace: answer.governmentFace,
  };
}

function identityDigests(answer: JourneyAnswer, identityKey: Uint8Array): IdentityDigests {
  const digest = (purpose: string, text: string | null) =>
    text === null || text === '' ? null : keyedDigest(identityKey, purpose, text);
  const applicant = applicantOf(answer);
  const document = primaryDocument(answer);
  const expiryDate = document && expiryDateOf(document);
  const unexpired = typeof expiryDate === 'string' && expiryDate >= answer.startTime.slice(0, 10);
  return {
    birthDate: digest('birth-date', applicant.birthDate),
    personalNumber: digest('personal-number', compactNumber(applicant.personalNumber)),
    fullName: digest('full-name', normalisedName(applicant.fullName)),
    documentNumber: digest('document-number', compactNumber(document?.fields.get('Document Number') ?? null)),
    documentExpiry:
      document && unexpired
        ? digest(
            'document-expiry',
            canonicalJson([
              document.type,
              document.issuingCountryCode ?? document.issuingCountry,
              expiryDate,
            ]),
          )
        : null,
  };
}

/** Takes a name; returns it without diacritics, case, punctuation and order of words, because documents differ in these. */
export function normalisedName(name: string | null): string | null {
  const words = (name ?? '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return words.length === 0 ? null : words.sort().join(' ');
}

function compactNumber(number: string | null): string | null {
  return (
    number
      ?.normalize('NFKC')
      .replace(/[\s-]+/g, '')
      .toUpperCase() ?? null
  );
}
