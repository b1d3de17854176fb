import { createTransport } from 'nodemailer';
import { retry, type SendOutcome } from './send-outcome.js';
import { thrownMember } from './thrown.js';

const STAGE_TIMEOUT_MS = 10_000;
/** For the whole attempt, also against a server that trickles its answers; below the 20 s that Temporal gives it. */
const ATTEMPT_TIMEOUT_MS = 15_000;

/** One mail to one recipient, ready to be sent. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** With angle brackets; the same on each attempt, because SMTP itself knows no "once". */
  readonly messageId: string;
  /** Message-ID of the thread's (never sent) head, with angle brackets. */
  readonly threadId: string;
}

/** Sends mails through the company's mail server. */
export interface Mailer {
  /** Takes a mail; makes one attempt and returns what came of it. Never rejects. */
  send(mail: Mail): Promise<SendOutcome>;
  /** Closes the pool's connections, also those in the middle of a mail. */
  close(): void;
}

/**
 * Takes the mail server's address (`smtp://user:password@host:port`, `smtps://…`) and the sender's; returns the mailer.
 * TLS is required, unless the host is this machine, or the address says `?ignoreTLS=true` (a test network).
 */
export function createMailer(options: { readonly smtpUrl: string; readonly from: string }): Mailer {
  const transport = createTransport({
    ...connectionOptions(options.smtpUrl),
    pool: true,
    maxConnections: 3,
    maxMessages: 100,
    // An attempt is one attempt: trying again is the ladder's business, and it is recorded there.
    maxRequeues: 0,
    idleTimeout: 30_000,
    connectionTimeout: STAGE_TIMEOUT_MS,
    greetingTimeout: STAGE_TIMEOUT_MS,
    socketTimeout: STAGE_TIMEOUT_MS,
    dnsTimeout: STAGE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  return {
    async send(mail) {
      try {
        await transport.sendMail({
          from: options.from,
          to: mail.to,
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          messageId: mail.messageId,
          inReplyTo: mail.threadId,
          references: mail.threadId,
          xMailer: false,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
        });
        return { kind: 'delivered' };
      } catch (error) {
        return mailFailure(error);
      }
    },
    close: () => transport.transporter.close?.({ force: true }),
  };
}

/** Takes SMTP_URL; returns how to connect: where to, as whom, and whether TLS is required. */
export function connectionOptions(smtpUrl: string): {
  host: string;
  port: number;
  secure: boolean;
  requireTLS: boolean;
  ignoreTLS: boolean;
  auth?: { user: string; pass: string };
} {
  const url = new URL(smtpUrl);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port !== '' ? Number(url.port) : url.protocol === 'smtps:' ? 465 : 587;
  const secure = url.protocol === 'smtps:' || port === 465;
  const plain = !secure && (isThisMachine(host) || url.searchParams.get('ignoreTLS') === 'true');
  return {
    host,
    port,
    secure,
    requireTLS: !secure && !plain,
    ignoreTLS: plain,
    ...(url.username !== '' && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
  };
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

const CODE_BY_ERROR: Readonly<Record<string, string>> = {
  ETIMEDOUT: 'timeout',
  EABORT: 'timeout',
  ECONNREFUSED: 'connection_refused',
  EDNS: 'host_not_found',
  ETLS: 'tls',
};

/**
 * What a failed attempt means. A 4yz answer and a broken connection pass (greylisting takes minutes). A 5yz answer to
 * the recipient or to the message itself is final for this recipient. Every other 5yz (to our login, our greeting, our
 * sender) is about us and would be the same for each recipient: it waits, with an alarm, until somebody mends it.
 *
 * Takes what nodemailer threw; returns the outcome.
 */
export function mailFailure(error: unknown): SendOutcome {
  const { code, responseCode, command } = smtpError(error);
  if (responseCode !== null) {
    const answer = `smtp_${responseCode}`;
    if (responseCode < 500 || responseCode === 503) return retry(answer);
    return command === 'RCPT TO' || command === 'DATA'
      ? { kind: 'given_up', code: answer, alarm: 'compliance_mail_refused' }
      : retry(answer, 'mail_server_refuses_us');
  }
  if (code === 'EENVELOPE')
    return { kind: 'given_up', code: 'address_invalid', alarm: 'compliance_mail_refused' };
  if (code === 'EMESSAGE')
    return { kind: 'given_up', code: 'message_refused', alarm: 'compliance_mail_refused' };
  if (code === 'EAUTH' || code === 'ENOAUTH') return retry('login_failed', 'mail_server_refuses_us');
  return retry(CODE_BY_ERROR[code] ?? 'connection_lost');
}

function smtpError(error: unknown): { code: string; responseCode: number | null; command: string } {
  const isRefused = thrownMember(error, 'originalCode') === 'ECONNREFUSED';
  const responseCode = thrownMember(error, 'responseCode');
  return {
    code: isRefused ? 'ECONNREFUSED' : String(thrownMember(error, 'code') ?? ''),
    responseCode: typeof responseCode === 'number' ? responseCode : null,
    command: String(thrownMember(error, 'command') ?? ''),
  };
}
