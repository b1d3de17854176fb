import { kindWords } from '../../desk/case-words.js';
import type { CasePerson, MatchView } from '../../desk/contract.js';
import { amlDifference, type ListedMatch } from '../../domain/cases/aml-difference.js';
import { isWhitelisted } from '../../domain/cases/fetched-match.js';
import type { Actor } from '../../domain/cases/roles.js';
import { upgradeCase } from '../../domain/cases/upgrade-case.js';
import { upgradeFacts } from '../../domain/upgrade-facts.js';
import { answerIdOf, openAnswer, openLatestAnswer } from '../../idwise/stored-answers.js';
import { verifiedDetails } from '../../idwise/verified-details.js';
import type { Vault } from '../../personal-data/vault.js';
import type { CaseRow } from '../../store/case-records.js';
import type { Store } from '../../store/store.js';
import { snapshotDigestOf } from '../audit-entries.js';
import { recordRead } from '../record-read.js';
import { openDifference } from './case-differences.js';
import { referBy } from './known-matches.js';

export type ReadCasePerson = (caseId: string, actor: Actor, now: Date) => Promise<CasePerson | null>;

interface Dependencies {
  readonly store: Store;
  readonly vault: Vault;
  readonly policyVersion: string;
}

/**
 * Makes the use case that shows a case's customer and matches to somebody. That they looked is on record before anything
 * is opened, so that there is no look without a record.
 */
export function createReadCasePerson({ store, vault, policyVersion }: Dependencies): ReadCasePerson {
  const recorder = { store, policyVersion };
  return async (caseId, actor, now) => {
    const row = await store.cases.findOne({ _id: caseId });
    if (row === null) return null;
    const { referenceNo, journeyId } = row;
    const profile = await recordRead(recorder, referenceNo, { actor: actor.id, at: now }, () => ({
      effect: 'case:person_viewed',
      journeyId,
      what: { caseId },
    }));
    if (profile === null) throw new Error('A case has no customer.');
    const answerDigest = snapshotDigestOf(upgradeFacts(profile.facts), journeyId);
    // What the record rests on: an earlier answer that came back is stored once, and is not the latest.
    const opened =
      answerDigest === null
        ? await openLatestAnswer({ store, vault }, referenceNo, journeyId)
        : await openAnswer({ store, vault }, referenceNo, answerIdOf(journeyId, answerDigest));
    const matches = opened.kind === 'answer' ? (opened.answer.aml?.matches ?? []) : [];
    return {
      fields: opened.kind === 'answer' ? fieldsOf(verifiedDetails(opened.answer)) : [],
      differences: await differencesOf(vault, row),
      notKept: notKept(row),
      openMatches: amlDifference([], matches, referBy(vault, referenceNo)).open.map(matchView),
    };
  };
}

async function differencesOf(vault: Vault, row: CaseRow): Promise<CasePerson['differences']> {
  const numbered = Object.entries(row.differences).sort(([a], [b]) => Number(a) - Number(b));
  const opened = await Promise.all(
    numbered.map(async ([version, sealed]) => {
      const difference = await openDifference(vault, row.referenceNo, sealed);
      if (difference === null) return null;
      return {
        version: Number(version),
        added: difference.added.map(matchView),
        removed: difference.removed.map(matchView),
        changed: difference.changed.map(({ before, after, members }) => ({
          before: matchView(before),
          after: matchView(after),
          members: members.map(viewMember),
        })),
      };
    }),
  );
  return opened.filter((difference) => difference !== null);
}

/** Each change of matches had its difference; those that are missing have become too many (`keptDifferences`). */
function notKept(row: CaseRow): CasePerson['notKept'] {
  const ofMatches = upgradeCase(row.case).versions.filter(({ because }) => because.kind === 'aml');
  return ofMatches.map(({ number }) => number).filter((number) => !(number in row.differences));
}

function viewMember(member: string): string {
  return member === 'datasets' || member === 'details' ? 'datasets' : member;
}

function matchView({ ref, resourceId, kinds, lists, match }: ListedMatch): MatchView {
  const texts = (value: unknown): string[] => {
    const items = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
    return items.filter((item) => typeof item === 'string' || typeof item === 'number').map(String);
  };
  return {
    ref,
    name: texts(match['name'])[0] ?? '(no name)',
    kinds: kinds.map(kindWords),
    datasets: lists,
    countries: texts(match['countries']),
    datesOfBirth: texts(match['datesOfBirth']),
    score: typeof match['score'] === 'number' ? match['score'] : null,
    isWhitelisted: isWhitelisted(match),
    canBeWhitelisted: resourceId !== null,
  };
}

function fieldsOf({ applicant, documents }: ReturnType<typeof verifiedDetails>): CasePerson['fields'] {
  const fields = Object.entries(applicant).flatMap(([label, value]) =>
    typeof value === 'string' && value !== '' ? [{ label: spaced(label), value }] : [],
  );
  const papers = documents.map(({ type, number, issuingCountry, expiryDate }) => ({
    label: type ?? 'Document',
    value: [number, issuingCountry, expiryDate === null ? null : `until ${expiryDate}`]
      .filter((part) => part !== null && part !== '')
      .join(', '),
  }));
  return [...fields, ...papers];
}

function spaced(label: string): string {
  const words = label.replace(/([A-Z])/g, ' $1').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
