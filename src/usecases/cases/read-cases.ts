import type { mongo } from 'mongoose';
import { aboutWords, effectWords } from '../../desk/case-words.js';
import type {
  CaseDetail,
  CaseList,
  CaseListItem,
  CaseView,
  DeskPerson,
  DueFilter,
} from '../../desk/contract.js';
import { type CaseState, type ComplianceCase, latestVersion } from '../../domain/cases/case.js';
import type { CasePolicy } from '../../domain/cases/case-policy.js';
import { nextState } from '../../domain/cases/case-transitions.js';
import { CASE_OUTCOMES } from '../../domain/cases/outcomes.js';
import { againstAnswer, isFrozenFor } from '../../domain/cases/proposal-rules.js';
import { type Actor, CASE_ACTIONS, type CaseAction, mayDo, mayOwn } from '../../domain/cases/roles.js';
import type { Severity } from '../../domain/cases/severity.js';
import { upgradeCase } from '../../domain/cases/upgrade-case.js';
import { upgradeFacts } from '../../domain/upgrade-facts.js';
import { studioLink } from '../../idwise/studio-link.js';
import type { Vault } from '../../personal-data/vault.js';
import type { CaseRow } from '../../store/case-records.js';
import type { Store } from '../../store/store.js';
import { isFrozenElsewhere } from './frozen-elsewhere.js';

export interface CaseQuery {
  readonly view: CaseView;
  readonly severity: Severity | null;
  readonly state: CaseState | null;
  readonly due: DueFilter | null;
  readonly referenceNo: string | null;
  readonly cursor: string | null;
}

export interface ReadCases {
  list(query: CaseQuery, actor: Actor, now: Date): Promise<CaseList>;
  /** Null where there is no such case. */
  read(caseId: string, actor: Actor): Promise<CaseDetail | null>;
}

interface Dependencies {
  readonly store: Pick<Store, 'cases' | 'audit' | 'profiles' | 'deskPeople'>;
  readonly vault: Pick<Vault, 'open'>;
  readonly policy: CasePolicy;
  readonly studioUrlTemplate: string | null;
}

/** Those who have signed in to the desk so far. */
interface People {
  readonly known: ReadonlyMap<string, DeskPerson>;
  readonly workers: readonly DeskPerson[];
}

const PAGE = 50;

/** Where a page ends: a due time in milliseconds and a case. */
export const CASE_CURSOR = /^(\d{1,15})~(case_[0-9a-f]{1,40})$/;

/** Makes the use case that shows cases at the desk: by when they are due, and whole. Nothing personal is in a list. */
export function createReadCases({ store, vault, policy, studioUrlTemplate }: Dependencies): ReadCases {
  async function people(): Promise<People> {
    const rows = await store.deskPeople.find({}).sort({ name: 1, _id: 1 }).toArray();
    const known = new Map(rows.map(({ _id, name }) => [_id, { subject: _id, name }]));
    const workers = rows.filter(({ _id, roles }) => mayOwn({ id: _id, roles }));
    return { known, workers: workers.map(({ _id, name }) => ({ subject: _id, name })) };
  }

  return {
    async list({ view, severity, state, due, referenceNo, cursor }, actor, now) {
      // What is open is pressing by its due time; of what is closed, the latest is looked for.
      const order = view === 'closed' ? -1 : 1;
      const conditions: mongo.Filter<CaseRow>[] = [
        ofView(view, actor),
        severity === null ? {} : { severity },
        state === null ? {} : { state },
        due === null ? {} : { dueAt: { $lt: dueBefore(due, now) } },
        referenceNo === null ? {} : { referenceNo },
        afterCursor(cursor, order),
      ];
      const rows = await store.cases
        .find({ $and: conditions }, { projection: { differences: 0, words: 0 } })
        .sort({ dueAt: order, _id: order })
        .limit(PAGE + 1)
        .toArray();
      const { known } = await people();
      const last = rows.length > PAGE ? rows[PAGE - 1] : undefined;
      return {
        cases: rows.slice(0, PAGE).map((row) => itemOf(upgradeCase(row.case), known)),
        next: last === undefined ? null : cursorOf(last),
      };
    },

    async read(caseId, actor) {
      const row = await store.cases.findOne({ _id: caseId });
      if (row === null) return null;
      const [{ known, workers }, profile, records] = await Promise.all([
        people(),
        store.profiles.findOne({ _id: row.referenceNo }, { projection: { view: 1, facts: 1 } }),
        store.audit
          .find({ referenceNo: row.referenceNo, 'to.caseId': caseId })
          .sort({ sequence: 1 })
          .toArray(),
      ]);
      // What people write of a case speaks of the customer: it is for those who may know them.
      const words = mayDo(actor, 'view_personal_data')
        ? await openWords(vault, row)
        : new Map<string, string>();
      const of = upgradeCase(row.case);
      const { proposal } = of;
      const facts = profile === null ? null : upgradeFacts(profile.facts);
      const frozenElsewhere = await isFrozenElsewhere(store, row, profile);
      const ended = of.conclusions.at(-1);
      const who = (subject: string): DeskPerson => known.get(subject) ?? { subject, name: subject };
      return {
        ...itemOf(of, known),
        journeyId: of.journeyId,
        concludedAt: of.concludedAt,
        timeZone: policy.calendar.timeZone,
        versions: of.versions.map(({ number, detectedAt, severity, because }) => ({
          number,
          detectedAt,
          severity,
          about: aboutWords({ because }),
        })),
        proposal: proposal && {
          number: proposal.number,
          caseVersion: proposal.caseVersion,
          outcome: proposal.outcome,
          matches: proposal.matches.length,
          by: who(proposal.proposedBy),
          at: proposal.proposedAt,
          reason: words.get(proposal.reasonId) ?? '',
        },
        conclusion:
          ended?.kind === 'outcome'
            ? {
                outcome: ended.outcome,
                matches: ended.matches.length,
                proposedBy: who(ended.proposedBy),
                approvedBy: who(ended.approvedBy),
                at: ended.at,
                reason: words.get(ended.proposalReasonId) ?? '',
                approval: words.get(ended.approvalReasonId) ?? '',
              }
            : null,
        externalReports: of.externalReports.map(({ reportedAt, recordedBy }) => ({
          reportedAt,
          by: who(recordedBy).name,
        })),
        customer: {
          status: profile?.view.status ?? 'unknown',
          access: profile?.view.access ?? 'unknown',
          holds: facts?.holds ?? [],
        },
        studioUrl: studioLink(studioUrlTemplate, of.journeyId),
        timeline: records.map((record) => {
          const detail = record.to as Readonly<Record<string, unknown>>;
          const wordsId = detail['reasonId'] ?? detail['noteId'];
          return {
            sequence: record.sequence,
            at: record.at.toISOString(),
            who: record.actor === 'system' ? 'The service' : who(record.actor).name,
            what: effectWords(record.effect, detail),
            words: typeof wordsId === 'string' ? (words.get(wordsId) ?? null) : null,
          };
        }),
        actions: CASE_ACTIONS.filter((action) => isOpenTo(of, { actor, frozenElsewhere }, action, policy)),
        mayExport: mayDo(actor, 'export_audit'),
        outcomes: CASE_OUTCOMES.filter((outcome) => !isFrozenFor(of, outcome, frozenElsewhere)),
        assignees: workers,
      };
    },
  };
}

function ofView(view: CaseView, { id }: Actor): mongo.Filter<CaseRow> {
  switch (view) {
    case 'mine':
      return { isOpen: true, owner: id };
    case 'unassigned':
      return { isOpen: true, owner: null };
    case 'open':
      return { isOpen: true };
    case 'to_approve':
      return { isOpen: true, state: 'pending_approval', proposedBy: { $ne: id } };
    case 'closed':
      return { isOpen: false };
  }
}

const SOON_MS = 24 * 3_600_000;

function dueBefore(due: DueFilter, now: Date): Date {
  return due === 'overdue' ? now : new Date(now.getTime() + SOON_MS);
}

function cursorOf({ dueAt, _id }: Pick<CaseRow, 'dueAt' | '_id'>): string {
  return `${dueAt.getTime()}~${_id}`;
}

function afterCursor(cursor: string | null, order: 1 | -1): mongo.Filter<CaseRow> {
  const parts = CASE_CURSOR.exec(cursor ?? '');
  if (parts === null) return {};
  const dueAt = new Date(Number(parts[1]));
  const beyond = order === 1 ? '$gt' : '$lt';
  return { $or: [{ dueAt: { [beyond]: dueAt } }, { dueAt, _id: { [beyond]: parts[2] ?? '' } }] };
}

function itemOf(of: ComplianceCase, known: ReadonlyMap<string, DeskPerson>): CaseListItem {
  const version = latestVersion(of);
  return {
    caseId: of.caseId,
    kind: of.kind,
    severity: of.severity,
    state: of.state,
    referenceNo: of.referenceNo,
    owner: of.owner === null ? null : (known.get(of.owner) ?? { subject: of.owner, name: of.owner }),
    detectedAt: of.detectedAt,
    dueAt: of.due.at,
    version: version.number,
    about: aboutWords(version),
  };
}

/** What the page offers; whether it may be done is decided once more, by the same rules, when it is asked for. */
function isOpenTo(
  of: ComplianceCase,
  { actor, frozenElsewhere }: { readonly actor: Actor; readonly frozenElsewhere: boolean },
  action: CaseAction,
  policy: CasePolicy,
): boolean {
  if (!mayDo(actor, action) || nextState(of.kind, of.state, action) === null) return false;
  if (action !== 'withdraw' && action !== 'approve' && action !== 'decline') return true;
  return againstAnswer(of, { actor, action, frozenElsewhere }, policy) === null;
}

async function openWords(vault: Pick<Vault, 'open'>, row: CaseRow): Promise<ReadonlyMap<string, string>> {
  const opened = await Promise.all(
    Object.entries(row.words).map(async ([id, sealed]) => {
      const found = await vault.open(row.referenceNo, sealed);
      const value = found.kind === 'json' ? (found.value as { words?: unknown }).words : null;
      return [id, typeof value === 'string' ? value : '(cannot be opened with this key)'] as const;
    }),
  );
  return new Map(opened);
}
