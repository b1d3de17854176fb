/** What a browser does with cookies and redirects, as far as signing in needs it. */
export class Browser {
  lastUrl = '';
  readonly setCookies: string[] = [];
  private readonly jar = new Map<string, string>();

  /** Makes one request with the cookies of its host. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url);
    const cookies = [...this.jar].flatMap(([key, value]) => {
      const [owner, name] = key.split('|');
      return owner === host ? [`${name}=${value}`] : [];
    });
    const headers = { ...(init.headers as Record<string, string>), cookie: cookies.join('; ') };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const header of answer.headers.getSetCookie()) {
      this.setCookies.push(header);
      const [pair = ''] = header.split(';');
      const at = pair.indexOf('=');
      const value = pair.slice(at + 1);
      // A cookie is cleared by an empty value.
      if (value === '') this.jar.delete(`${host}|${pair.slice(0, at)}`);
      else this.jar.set(`${host}|${pair.slice(0, at)}`, value);
    }
    this.lastUrl = url;
    return answer;
  }

  /** Follows redirects to a page; returns it with its address. */
  async follow(url: string, init: RequestInit = {}): Promise<{ url: string; body: string }> {
    let answer = await this.fetch(url, init);
    for (let hops = 0; hops < 10; hops += 1) {
      const location = answer.headers.get('location');
      if (location === null) break;
      answer = await this.fetch(new URL(location, this.lastUrl).href);
    }
    return { url: this.lastUrl, body: await answer.text() };
  }

  cookie(name: string): string | undefined {
    return [...this.jar].find(([key]) => key.endsWith(`|${name}`))?.[1];
  }
}

const TRIES = 5;

/**
 * Takes a browser, where the desk is, and whom of the provider's people to be; signs in, from the beginning again where a
 * busy MongoDB kept the session from being stored.
 */
export async function signsIn(browser: Browser, publicUrl: string, subject: string): Promise<void> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const chooser = await browser.follow(`${publicUrl}/desk/sign-in`);
    await browser.follow(chooser.url, { method: 'POST', body: new URLSearchParams({ subject }) });
    if (browser.cookie('desk') !== undefined) return;
  }
  throw new Error(`${subject} is not signed in after ${TRIES} tries.`);
}
