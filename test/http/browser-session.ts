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
      return owner === host && value !== '' ? [`${name}=${value}`] : [];
    });
    const headers = { ...(init.headers as Record<string, string>), cookie: cookies.join('; ') };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const header of answer.headers.getSetCookie()) {
      this.setCookies.push(header);
      const [pair = ''] = header.split(';');
      const at = pair.indexOf('=');
      this.jar.set(`${host}|${pair.slice(0, at)}`, pair.slice(at + 1));
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
