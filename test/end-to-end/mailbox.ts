import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type MailServer, readMail, startMailServer } from '../delivery/mail-server.js';

/** What a test, and a scenario, see of one mail. */
export interface SeenMail {
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly to: string;
}

/** A mail server whose mails can be listed, by us and, as MailDev does it, over HTTP by the scenarios. */
export interface Mailbox {
  readonly smtpUrl: string;
  /** Without a slash at the end; answers `GET /api/email`. */
  readonly webUrl: string;
  mails(): Promise<readonly SeenMail[]>;
  close(): Promise<void>;
}

/** Starts both on free ports. */
export async function startMailbox(): Promise<Mailbox> {
  const server: MailServer = await startMailServer();
  const mails = () =>
    Promise.all(
      server.received.map(async (received): Promise<SeenMail> => {
        const { messageId = '', subject = '', text = '' } = await readMail(received);
        return { messageId, subject, text, to: received.to.join(', ') };
      }),
    );
  const web = createServer((_request, response) => {
    void mails().then((all) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(all)),
    );
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  return {
    smtpUrl: server.url,
    webUrl: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    mails,
    close: async () => {
      web.closeAllConnections();
      await new Promise((resolve) => web.close(resolve));
      await server.close();
    },
  };
}
