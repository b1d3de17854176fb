/** A mail as MailDev's REST interface lists it. */
export interface MailView {
  subject?: string;
  text?: string;
  html?: string;
}

/**
 * Lists the mails of a MailDev that name one of these words (a reference number, a journey id).
 *
 * @param url of MailDev's web interface, without a slash at the end
 */
export async function mailsNaming(url: string, words: readonly string[]): Promise<MailView[]> {
  const mails = await list(url);
  return mails.filter((mail) => {
    const text = JSON.stringify(mail);
    return words.some((word) => text.includes(word));
  });
}

// The path differs between MailDev's versions.
async function list(url: string): Promise<MailView[]> {
  for (const path of ['/api/email', '/email']) {
    const response = await fetch(`${url}${path}`, { headers: { accept: 'application/json' } });
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    const answer: unknown = response.ok && isJson ? await response.json() : undefined;
    if (Array.isArray(answer)) return answer as MailView[];
  }
  throw new Error(`${url} does not list mails as MailDev does`);
}
