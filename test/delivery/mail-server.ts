import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly raw: string;
}

/** A real SMTP server on this machine. */
export interface MailServer {
  readonly url: string;
  readonly received: ReceivedMail[];
  /** Answers that it gives instead of accepting; changed by tests at any time. */
  refuse: {
    login?: number;
    sender?: number;
    recipient?: (address: string) => number | null;
    content?: number;
  };
  /** Takes the whole mail, then breaks the connection instead of answering. */
  dropsAfterContent: boolean;
  /** Connections made so far. */
  connectionCount(): number;
  close(): Promise<void>;
}

/** Starts a mail server without TLS on a free port. */
export async function startMailServer(): Promise<MailServer> {
  let connections = 0;
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onConnect: (_session, done) => {
      connections += 1;
      done();
    },
    onAuth: (auth, _session, done) =>
      mailServer.refuse.login === undefined
        ? done(null, { user: auth.username ?? '' })
        : done(refusal(mailServer.refuse.login)),
    onMailFrom: (_address, _session, done) =>
      done(mailServer.refuse.sender === undefined ? null : refusal(mailServer.refuse.sender)),
    onRcptTo: ({ address }, _session, done) => {
      const code = mailServer.refuse.recipient?.(address) ?? null;
      done(code === null ? null : refusal(code));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (mailServer.refuse.content !== undefined) {
          done(refusal(mailServer.refuse.content));
          return;
        }
        mailServer.received.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
        });
        if (!mailServer.dropsAfterContent) done();
        else for (const connection of server.connections) connection._socket.destroy();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mailServer: MailServer = {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    received: [],
    refuse: {},
    dropsAfterContent: false,
    connectionCount: () => connections,
    close: async () => {
      for (const connection of server.connections) connection._socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return mailServer;
}

function refusal(responseCode: number): Error {
  return Object.assign(new Error('refused by the test'), { responseCode });
}

/** Takes a received mail; returns its parts and headers as a mail program sees them. */
export function readMail(mail: ReceivedMail | undefined) {
  if (mail === undefined) throw new Error('no mail was received');
  return simpleParser(mail.raw);
}
