import type { CustomerText, ProfileView } from './profile-view.js';
import { TEXT_CODES, type TextCode, type Texts } from './texts/codes.js';

const CODES: ReadonlySet<string> = new Set(TEXT_CODES);

/**
 * Takes a stored view, whose texts are English, and the texts of a language; returns the view in that language. Codes,
 * versions and everything else stay as they are. A code that is no longer on the list keeps the text it was stored with.
 */
export function viewInLanguage(view: ProfileView, texts: Texts): ProfileView {
  const inLanguage = (stored: CustomerText | null): CustomerText | null =>
    stored !== null && isTextCode(stored.code) ? { code: stored.code, text: texts[stored.code] } : stored;
  return {
    ...view,
    reason: inLanguage(view.reason),
    nextSteps: view.nextSteps.map((step) => ({ ...step, reason: inLanguage(step.reason) })),
  };
}

function isTextCode(code: string): code is TextCode {
  return CODES.has(code);
}
