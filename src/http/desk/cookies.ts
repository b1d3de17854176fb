import type { Request, Response } from 'express';

/** The two cookies of the desk: the secret of a session, and a sign-in under way, encrypted. */
export interface DeskCookies {
  read(req: Request, cookie: DeskCookie): string | null;
  set(res: Response, cookie: DeskCookie, text: string): void;
  clear(res: Response, cookie: DeskCookie): void;
}

export type DeskCookie = 'session' | 'sign_in';

/**
 * Takes whether people reach the service by HTTPS; returns the cookies. No script can read them, and no other site can
 * send them along with a change. Over HTTPS their names bear `__Host-`, so that no sister domain can set them.
 */
export function createDeskCookies(isHttps: boolean): DeskCookies {
  const prefix = isHttps ? '__Host-' : '';
  const names: Readonly<Record<DeskCookie, string>> = {
    session: `${prefix}desk`,
    sign_in: `${prefix}desk-sign-in`,
  };
  // Lax, not strict: the way back from the identity provider, and a link in a mail, begin on another site.
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure: isHttps } as const;
  return {
    read: (req, cookie) => textIn(req.headers.cookie ?? '', names[cookie]),
    set: (res, cookie, text) => void res.cookie(names[cookie], text, attributes),
    clear: (res, cookie) => void res.clearCookie(names[cookie], attributes),
  };
}

function textIn(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || null;
  }
  return null;
}
