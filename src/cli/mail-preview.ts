import type { Command } from 'commander';
import { composeCaseMail } from '../delivery/case-mail.js';
import { SAMPLE_MAILS } from '../delivery/sample-mails.js';
import { CASE_TEMPLATES, type CaseTemplate } from '../domain/cases/case-notices.js';

/** Made up, as the samples are: a preview needs no configuration, and shows nothing of anybody. */
const OPTIONS = {
  from: 'Verification <no-reply@bank.example>',
  deskUrl: 'https://desk.bank.example',
  studioUrlTemplate: null,
  systemOwner: 'it-desk@bank.example',
};

export type Preview =
  | { readonly kind: 'shown'; readonly text: string }
  /** There is no such template; `templates` are those that there are. */
  | { readonly kind: 'unknown_template'; readonly templates: readonly string[] };

/**
 * Takes a template's name, or none for all of them, and which part of the mail is wanted; returns it as it would be sent,
 * with headers where the part is text.
 */
export function previewMail(name: string | undefined, part: 'text' | 'html'): Preview {
  const wanted = CASE_TEMPLATES.filter((template) => name === undefined || template === name);
  if (wanted.length === 0) return { kind: 'unknown_template', templates: CASE_TEMPLATES };
  return { kind: 'shown', text: wanted.map((template) => render(template, part)).join('\n') };
}

function render(template: CaseTemplate, part: 'text' | 'html'): string {
  const mail = composeCaseMail(SAMPLE_MAILS[template], OPTIONS);
  if (part === 'html') return mail.html;
  return [
    `===== ${template} =====`,
    `From:        ${OPTIONS.from}`,
    `To:          ${mail.to}`,
    `Subject:     ${mail.subject}`,
    `Message-ID:  ${mail.messageId}`,
    `In-Reply-To: ${mail.threadId}`,
    '',
    mail.text,
  ].join('\n');
}

/** Takes the program; adds `mail preview`. */
export function addMailCommand(program: Command): void {
  program
    .command('mail')
    .description('mail: see what compliance is sent')
    .command('preview')
    .description('print the mails to compliance, with made-up content, as they would be sent')
    .argument('[template]', 'one template; all of them otherwise')
    .option('--html', 'the HTML part instead of the text')
    .action((template: string | undefined, { html = false }: { html?: boolean }) => {
      const preview = previewMail(template, html ? 'html' : 'text');
      if (preview.kind === 'shown') {
        process.stdout.write(`${preview.text}\n`);
        return;
      }
      const names = preview.templates.join(', ');
      process.stderr.write(`There is no template ${template}. There are: ${names}.\n`);
      process.exitCode = 1;
    });
}
