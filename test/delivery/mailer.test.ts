import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createComplianceMailer } from '../../src/delivery/case-mail.js';
import { connectionOptions, createMailer, type Mailer } from '../../src/delivery/mailer.js';
import { type MailServer, readMail, startMailServer } from './mail-server.js';
import { CASE_MAIL } from './outbox-fixture.js';

const FROM = 'Verification <no-reply@bank.test>';
let server: MailServer;
let mailers: Mailer[];

beforeEach(async () => {
  server = await startMailServer();
  mailers = [];
});
afterEach(async () => {
  for (const mailer of mailers) mailer.close();
  await server.close();
});

function complianceMailer(smtpUrl = server.url) {
  const mailer = createMailer({ smtpUrl, from: FROM });
  mailers.push(mailer);
  return createComplianceMailer({
    mailer,
    from: FROM,
    deskUrl: 'https://desk.test',
    studioUrlTemplate: null,
    systemOwner: null,
  });
}

describe('a mail to compliance', () => {
  test('arrives with both parts, for one recipient, marked as written by a machine', async () => {
    expect(await complianceMailer().send(CASE_MAIL)).toEqual({ kind: 'delivered' });
    expect(server.received[0]?.to).toEqual(['first@bank.test']);
    const mail = await readMail(server.received[0]);
    expect(mail.from?.text).toBe('"Verification" <no-reply@bank.test>');
    expect(mail.subject).toBe('[AML][HIGH] Case case_1: opened');
    expect(mail.text).toContain('https://desk.test/cases/case_1');
    expect(mail.html).toContain('href="https://desk.test/cases/case_1"');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.headers.has('x-mailer')).toBe(false);
    expect(mail.attachments).toHaveLength(0);
    expect(mail.cc ?? mail.bcc ?? mail.replyTo).toBeUndefined();
  });

  test('bears the same Message-ID each time and points to its thread', async () => {
    const mailer = complianceMailer();
    await mailer.send(CASE_MAIL);
    await mailer.send(CASE_MAIL);
    await mailer.send({ ...CASE_MAIL, messageKey: 'case_1:v2' });
    const [first, again, later] = await Promise.all(server.received.map(readMail));
    expect(again?.messageId).toBe(first?.messageId);
    expect(later?.messageId).not.toBe(first?.messageId);
    expect(first?.messageId).toMatch(/^<[0-9a-f]{32}@bank\.test>$/);
    expect(later?.references).toBe(first?.references);
    expect(first?.inReplyTo).toBe(first?.references);
  });

  test('uses one connection for several mails', async () => {
    const mailer = complianceMailer();
    await mailer.send(CASE_MAIL);
    await mailer.send(CASE_MAIL);
    expect(server.connectionCount()).toBe(1);
  });
});

describe('what the mail server answers', () => {
  test.each([421, 450, 451, 452])('%i to the recipient is tried again', async (code) => {
    server.refuse = { recipient: () => code };
    const mailer = complianceMailer();
    expect(await mailer.send(CASE_MAIL)).toMatchObject({ kind: 'retry', code: `smtp_${code}`, alarm: null });
    server.refuse = {};
    expect(await mailer.send(CASE_MAIL)).toEqual({ kind: 'delivered' });
  });

  test.each([550, 552, 553, 554])('%i to the recipient is final', async (code) => {
    server.refuse = { recipient: () => code };
    const outcome = await complianceMailer().send(CASE_MAIL);
    expect(outcome).toEqual({ kind: 'given_up', code: `smtp_${code}`, alarm: 'compliance_mail_refused' });
  });

  test('5yz to the content is final, 4yz is tried again', async () => {
    const mailer = complianceMailer();
    server.refuse = { content: 554 };
    expect(await mailer.send(CASE_MAIL)).toMatchObject({ kind: 'given_up', code: 'smtp_554' });
    server.refuse = { content: 451 };
    expect(await mailer.send(CASE_MAIL)).toMatchObject({ kind: 'retry', code: 'smtp_451' });
  });

  test('a refusal of ourselves never counts against the recipient: it waits for an operator', async () => {
    server.refuse = { sender: 550 };
    const refused = { kind: 'retry', alarm: 'mail_server_refuses_us' };
    expect(await complianceMailer().send(CASE_MAIL)).toMatchObject({ ...refused, code: 'smtp_550' });
    server.refuse = { login: 535 };
    const withLogin = server.url.replace('smtp://', 'smtp://user:wrong@');
    expect(await complianceMailer(withLogin).send(CASE_MAIL)).toMatchObject({ ...refused, code: 'smtp_535' });
  });

  test('an address that is none is final', async () => {
    const outcome = await complianceMailer().send({ ...CASE_MAIL, to: '' });
    expect(outcome).toMatchObject({ kind: 'given_up', code: 'address_invalid' });
  });

  test('a connection that breaks after the mail was taken is one attempt: the mail came once, and is tried again', async () => {
    server.dropsAfterContent = true;
    const mailer = complianceMailer();
    expect(await mailer.send(CASE_MAIL)).toMatchObject({ kind: 'retry', code: 'connection_lost' });
    expect(server.received).toHaveLength(1);
    server.dropsAfterContent = false;
    expect(await mailer.send(CASE_MAIL)).toEqual({ kind: 'delivered' });
    const [lost, repeated] = await Promise.all(server.received.map(readMail));
    expect(repeated?.messageId).toBe(lost?.messageId);
  });

  test('nobody there is tried again', async () => {
    await server.close();
    expect(await complianceMailer().send(CASE_MAIL)).toMatchObject({
      kind: 'retry',
      code: 'connection_refused',
    });
    server = await startMailServer();
  });
});

describe('a mail server that hangs', () => {
  let hanging: Server;
  const sockets = new Set<Socket>();
  const startHanging = async (onConnection: (socket: Socket) => void): Promise<string> => {
    hanging = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    return `smtp://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
  };
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => hanging.close(resolve));
  });

  test('in silence is given 10 s', async () => {
    const url = await startHanging(() => undefined);
    const startedMs = performance.now();
    expect(await complianceMailer(url).send(CASE_MAIL)).toMatchObject({ kind: 'retry', code: 'timeout' });
    expect(performance.now() - startedMs).toBeLessThan(12_000);
  });

  test('by trickling its answer is ended before Temporal takes the attempt for dead', async () => {
    const url = await startHanging((socket) => {
      socket.write('220 hello\r\n');
      const trickle = setInterval(() => socket.write('250-and one more line\r\n'), 200);
      socket.on('close', () => clearInterval(trickle));
    });
    const startedMs = performance.now();
    expect(await complianceMailer(url).send(CASE_MAIL)).toMatchObject({ kind: 'retry' });
    expect(performance.now() - startedMs).toBeLessThan(17_000);
  });
});

describe('TLS to the mail server', () => {
  test.each([
    'smtp://mail.bank.test',
    'smtp://mail.bank.test:25',
    'smtp://10.0.0.5:587',
    'smtp://127.0.0.1.bank.test:25',
    'smtp://mail.bank.test?ignoreTLS=1',
  ])('is required by %s', (url) => {
    expect(connectionOptions(url)).toMatchObject({ secure: false, requireTLS: true, ignoreTLS: false });
  });

  test.each(['smtps://mail.bank.test', 'smtps://127.0.0.1:4465', 'smtp://mail.bank.test:465'])(
    'is there from the first byte with %s',
    (url) => {
      expect(connectionOptions(url)).toMatchObject({ secure: true, ignoreTLS: false });
    },
  );

  test.each([
    'smtp://127.0.0.1:1025',
    'smtp://localhost:1025',
    'smtp://[::1]:1025',
    'smtp://mailpit:1025?ignoreTLS=true',
  ])('is not asked for by %s', (url) => {
    expect(connectionOptions(url)).toMatchObject({ secure: false, requireTLS: false, ignoreTLS: true });
  });

  test('to a server that has none sends nothing', async () => {
    const port = new URL(server.url).port;
    const mailer = createMailer({ smtpUrl: `smtps://127.0.0.1:${port}`, from: FROM });
    mailers.push(mailer);
    const { send } = createComplianceMailer({
      mailer,
      from: FROM,
      deskUrl: null,
      studioUrlTemplate: null,
      systemOwner: null,
    });
    expect((await send(CASE_MAIL)).kind).toBe('retry');
    expect(server.received).toHaveLength(0);
  });

  test('keeps user and password as they were before they were percent-encoded', () => {
    expect(connectionOptions('smtp://us%40er:p%2Fw%3A@mail.bank.test').auth).toEqual({
      user: 'us@er',
      pass: 'p/w:',
    });
  });
});
