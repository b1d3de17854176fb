/** One line of a mail's small table. */
export interface MailFact {
  readonly name: string;
  readonly value: string;
}

/** What a mail to compliance says; its text and its HTML are both made of this, so that they say the same. */
export interface MailContent {
  readonly title: string;
  readonly lead: string;
  readonly facts: readonly MailFact[];
  /** What to do next: a link with its label, or, without an address, a sentence. */
  readonly action: { readonly text: string; readonly url: string | null };
  readonly notes: readonly string[];
}

const FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/**
 * Dark mode for the clients that heed it. The inline colours are dark on white, which the others invert by themselves
 * without losing contrast.
 */
const STYLE = `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background-color:#16181d!important}
.card{background-color:#20232a!important;border-color:#3a3f4a!important}
.strong{color:#f2f4f8!important}
.quiet{color:#a9b1bf!important}
.line{border-color:#3a3f4a!important}
.link{background-color:#9cc2ff!important;color:#10203a!important}
}`;

/**
 * Takes the mail's content; returns it as an HTML document: one narrow column, styles inline, nothing fetched from
 * anywhere. Every value is escaped.
 */
export function mailHtml({ title, lead, facts, action, notes }: MailContent): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
${STYLE}
</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#f4f5f7">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f4f5f7">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:520px;background-color:#ffffff;border:1px solid #d9dce3;border-radius:8px">
<tr><td style="padding:28px 28px 8px;${FONT};text-align:left">
<h1 class="strong" style="margin:0 0 8px;font-size:20px;line-height:26px;font-weight:600;color:#1a1d24">${escapeHtml(title)}</h1>
<p class="strong" style="margin:0;font-size:15px;line-height:22px;color:#1a1d24">${escapeHtml(lead)}</p>
</td></tr>
<tr><td style="padding:8px 28px;${FONT}">
<table width="100%" cellpadding="0" cellspacing="0" border="0">
${facts.map(factRow).join('\n')}
</table>
</td></tr>
<tr><td style="padding:16px 28px 24px;${FONT};text-align:left">
${action.url === null ? sentence(action.text) : button(action.text, action.url)}
</td></tr>
<tr><td class="line" style="padding:16px 28px 24px;border-top:1px solid #d9dce3;${FONT};text-align:left">
${notes.map((note) => `<p class="quiet" style="margin:0 0 6px;font-size:13px;line-height:19px;color:#5b6270">${escapeHtml(note)}</p>`).join('\n')}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

function factRow({ name, value }: MailFact): string {
  const cell =
    'padding:9px 0;font-size:15px;line-height:21px;vertical-align:top;border-top:1px solid #d9dce3';
  return `<tr>
<th scope="row" class="quiet line" width="44%" style="${cell};padding-right:12px;font-weight:400;text-align:left;color:#5b6270">${escapeHtml(name)}</th>
<td class="strong line" style="${cell};font-weight:600;color:#1a1d24;word-break:break-word;overflow-wrap:anywhere">${escapeHtml(value)}</td>
</tr>`;
}

function button(label: string, url: string): string {
  return `<a class="link" href="${escapeHtml(url)}" style="display:inline-block;padding:11px 18px;border-radius:6px;background-color:#1f4fa3;color:#ffffff;font-size:15px;line-height:20px;font-weight:600;text-decoration:none">${escapeHtml(label)}</a>`;
}

function sentence(text: string): string {
  return `<p class="strong" style="margin:0;font-size:15px;line-height:22px;color:#1a1d24">${escapeHtml(text)}</p>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Takes any text; returns it so that it stands for itself in HTML text and in quoted attributes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
