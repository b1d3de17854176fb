import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { ProfileView } from '../domain/profile-view.js';
import { createTextCatalogue } from '../domain/texts/catalogue.js';
import type { TextOverrides } from '../domain/texts/codes.js';
import { viewInLanguage } from '../domain/view-in-language.js';

/** The views of one answer, in the language that its reader asked for. */
export interface ViewsInLanguage {
  /** Takes a stored view; returns it in the reader's language. */
  render(view: ProfileView): ProfileView;
  /** Takes a stored view; returns its strong entity tag, another one for each version, language and wording. */
  etag(view: ProfileView): string;
}

/**
 * Takes a request and the response to it; chooses the language (`Accept-Language`, RFC 9110 §12.5.4, looked up as RFC
 * 4647 §3.4 says), says so in the response's headers, and returns the views in it. What nobody asked for is English.
 */
export type ChooseLanguage = (req: Request, res: Response) => ViewsInLanguage;

/** How a route's description names the header that `ChooseLanguage` reads. */
export const LANGUAGE_HEADER = {
  'Accept-Language':
    'Languages of the texts, by preference; the answer says in Content-Language which one it is',
} as const;

/** Takes the company's own texts; returns the choice among all languages that there are. */
export function createChooseLanguage(overrides: TextOverrides): ChooseLanguage {
  const catalogue = createTextCatalogue(overrides);
  // Words may change with the policy or a release, without a new version of any view.
  const wordings = new Map(
    catalogue.languages.map(({ tag, texts }) => [
      tag,
      createHash('sha256').update(JSON.stringify(texts)).digest('base64url').slice(0, 6),
    ]),
  );
  return (req, res) => {
    const { tag, texts } = catalogue.lookup(req.acceptsLanguages());
    res.vary('Accept-Language').set('Content-Language', tag);
    return {
      render: (view) => viewInLanguage(view, texts),
      etag: ({ version }) => `"v${version}.${tag}.${wordings.get(tag)}"`,
    };
  };
}
