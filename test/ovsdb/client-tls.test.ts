/** OVSDB over TLS with a real ovsdb-server, dialled and dialling in: who is believed, who is not, and why it says so. */

import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { keepOvsdb } from '../../src/ovsdb/client/keep.ts';
import { listenOvsdb } from '../../src/ovsdb/client/listen.ts';
import type { TlsOptions } from '../../src/transport/tls.ts';
import { freePort, type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { type Authority, createAuthority } from '../support/pki.ts';
import { SOON } from '../support/soon.ts';

let folder: string;
let authority: Authority;
let ours: TlsOptions;
let strangers: TlsOptions;
let serverKeys: TlsOptions;
let server: OvsdbServer;
let target: string;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowloom-tls-'));
  authority = await createAuthority(folder, 'ovs');
  const stranger = await createAuthority(folder, 'stranger');
  [ours, serverKeys, strangers] = [
    await authority.sign('controller'),
    await authority.sign('switch'),
    await stranger.sign('controller'),
  ];
  target = `ssl:127.0.0.1:${await freePort()}`;
  server = await startOvsdbServer({ args: [...tlsArgs(serverKeys), `--remote=p${sslListen(target)}`] });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** `ssl:127.0.0.1:PORT` as it stands after pssl's p. */
function sslListen(text: string): string {
  const [, address, port] = text.split(':');
  return `ssl:${port}:${address}`;
}
function tlsArgs({ privateKey, certificate, caCert }: TlsOptions): string[] {
  return [`--private-key=${privateKey}`, `--certificate=${certificate}`, `--ca-cert=${caCert}`];
}
async function connected(tls: TlsOptions): Promise<OvsdbClient> {
  const client = await connectOvsdb(target, { tls });
  cleanups.push(() => client.close());
  return client;
}

describe('dialled', () => {
  test('works with files and with PEM texts', async () => {
    expect(await (await connected(ours)).listDatabases()).toContain('Open_vSwitch');
    const texts: TlsOptions = {
      privateKey: await readFile(ours.privateKey, 'utf8'),
      certificate: await readFile(ours.certificate, 'utf8'),
      caCert: await readFile(ours.caCert, 'utf8'),
    };
    expect(await (await connected(texts)).listDatabases()).toContain('Open_vSwitch');
  });

  test('a server of another CA is not believed', async () => {
    await expect(connectOvsdb(target, { tls: { ...ours, caCert: strangers.caCert } })).rejects.toThrow(
      `${target}: TLS: the certificate of the peer is not of our CA`,
    );
  });

  test('a certificate that the server does not believe is refused, and said so', async () => {
    await expect(connectOvsdb(target, { tls: { ...strangers, caCert: ours.caCert } })).rejects.toThrow(
      'TLS: the peer does not accept our certificate',
    );
  });

  test('plaintext on the one side or the other is told', async () => {
    await expect(connectOvsdb(server.tcpTarget.replace('tcp:', 'ssl:'), { tls: ours, timeout: 3000 })).rejects.toThrow(
      /TLS: the peer speaks none|the peer (closed|reset) the connection/,
    );
    await expect(connectOvsdb(target.replace('ssl:', 'tcp:'), { timeout: 3000 })).rejects.toThrow(
      /a JSON object was expected, found byte 0x15|the peer (closed|reset) the connection/,
    );
  });

  test('what cannot be used is told before anything is sent', async () => {
    await expect(connectOvsdb(target)).rejects.toThrow(`${target}: TLS needs a private key`);
    const missing = connectOvsdb(target, { tls: { ...ours, privateKey: '/nowhere/key.pem' } });
    await expect(missing).rejects.toThrow('the private key cannot be read: ENOENT');
    const wrong = connectOvsdb(target, { tls: { ...ours, privateKey: strangers.privateKey } });
    await expect(wrong).rejects.toThrow('the private key does not belong to the certificate');
    await writeFile(join(folder, 'no.pem'), 'hello');
    const noPem = connectOvsdb(target, { tls: { ...ours, certificate: join(folder, 'no.pem') } });
    await expect(noPem).rejects.toThrow('is no PEM text');
  });

  test('keepOvsdb comes back with the server, and tells why it cannot', async () => {
    const states: string[] = [];
    const wrong = keepOvsdb({
      remotes: target,
      tls: { ...ours, caCert: strangers.caCert },
      onConnect: () => states.push('connected'),
      onState: (_state, error) => states.push(error ?? ''),
    });
    cleanups.push(() => wrong.stop());
    await vi.waitFor(() => expect(states.join()).toContain('TLS: the certificate of the peer is not of our CA'), SOON);
    const clients: OvsdbClient[] = [];
    const reconnect = { minBackoff: 50, maxBackoff: 200 };
    const keeper = keepOvsdb({ remotes: target, tls: ours, reconnect, onConnect: (client) => clients.push(client) });
    cleanups.push(() => keeper.stop());
    await vi.waitFor(() => expect(clients).toHaveLength(1), SOON);
    await server.kill('SIGKILL');
    await server.start();
    await vi.waitFor(() => expect(clients).toHaveLength(2), SOON);
    expect(await clients[1]!.listDatabases()).toContain('Open_vSwitch');
    expect(states).not.toContain('connected');
  });

  test('new keys are taken at the next connection', async () => {
    const paths: TlsOptions = { ...ours, privateKey: join(folder, 'k.pem'), certificate: join(folder, 'c.pem') };
    await copyFile(strangers.privateKey, paths.privateKey);
    await copyFile(strangers.certificate, paths.certificate);
    await expect(connectOvsdb(target, { tls: paths })).rejects.toThrow('does not accept our certificate');
    await copyFile(ours.privateKey, paths.privateKey);
    await copyFile(ours.certificate, paths.certificate);
    expect(await (await connected(paths)).listDatabases()).toContain('Open_vSwitch');
  });

  test('bootstrap believes the first server once, and its CA from then on', async () => {
    const caCert = join(folder, 'bootstrapped.pem');
    const tls: TlsOptions = { ...ours, caCert, bootstrap: true };
    const [key, cert] = [await readFile(serverKeys.privateKey), await readFile(serverKeys.certificate)];
    const alone = createTlsServer({ key, cert }).listen(0, '127.0.0.1');
    cleanups.push(() => alone.close());
    await once(alone, 'listening');
    const { port } = alone.address() as AddressInfo;
    await expect(connectOvsdb(`ssl:127.0.0.1:${port}`, { tls })).rejects.toThrow(
      'did not send the certificate of its CA',
    );
    const client = await connectOvsdb(target, { tls });
    cleanups.push(() => client.close());
    expect(await client.listDatabases()).toContain('Open_vSwitch');
    expect((await readFile(caCert, 'utf8')).trim()).toBe((await readFile(ours.caCert, 'utf8')).trim());
    await writeFile(caCert, await readFile(strangers.caCert));
    await expect(connectOvsdb(target, { tls })).rejects.toThrow('is not of our CA');
  });
});

describe('dialling in', () => {
  test('a real ovsdb-server is accepted, others are turned away and named', async () => {
    const refused: string[] = [];
    const accepted: OvsdbClient[] = [];
    const listener = await listenOvsdb('pssl:0:127.0.0.1', {
      tls: ours,
      onConnect: (client) => accepted.push(client),
      onRefused: (reason) => refused.push(reason),
    });
    cleanups.push(() => listener.close());
    const port = Number(listener.target.split(':')[1]);
    const dialling = await startOvsdbServer({ args: [...tlsArgs(serverKeys), `--remote=ssl:127.0.0.1:${port}`] });
    cleanups.push(() => dialling.stop());
    await vi.waitFor(() => expect(accepted).toHaveLength(1), SOON);
    expect(await accepted[0]!.listDatabases()).toContain('Open_vSwitch');
    expect(refused).toEqual([]);

    const stranger = await startOvsdbServer({
      args: [...tlsArgs({ ...strangers, caCert: ours.caCert }), `--remote=ssl:127.0.0.1:${port}`],
    });
    cleanups.push(() => stranger.stop());
    await vi.waitFor(() => expect(refused.at(-1)).toContain('not of our CA'), SOON);

    const unbelieving = await startOvsdbServer({
      args: [...tlsArgs({ ...serverKeys, caCert: strangers.caCert }), `--remote=ssl:127.0.0.1:${port}`],
    });
    cleanups.push(() => unbelieving.stop());
    await vi.waitFor(() => expect(refused.at(-1)).toContain('does not accept our certificate'), SOON);
    await stranger.stop();
    await unbelieving.stop();

    const nobody = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    nobody.on('error', () => {});
    await vi.waitFor(() => expect(refused.at(-1)).toContain('the peer showed no certificate'), SOON);
    const plain = connect({ port, host: '127.0.0.1' }, () => plain.write('{"method":"echo","params":[],"id":1}'));
    plain.on('error', () => {});
    await vi.waitFor(() => expect(refused.at(-1)).toContain('the peer speaks none'), SOON);
    nobody.destroy();
    plain.destroy();
    expect(accepted).toHaveLength(1);
    expect(await accepted[0]!.listDatabases()).toContain('Open_vSwitch');
  });

  test('a listener whose keys cannot be read does not start', async () => {
    // Nor does it believe the first who comes.
    const tls = { ...ours, caCert: '/nowhere/ca.pem', bootstrap: true };
    await expect(listenOvsdb('pssl:0:127.0.0.1', { tls, onConnect() {} })).rejects.toThrow(
      'pssl:0:127.0.0.1: the CA certificate cannot be read',
    );
    const mixed = { ...ours, privateKey: strangers.privateKey };
    await expect(listenOvsdb('pssl:0:127.0.0.1', { tls: mixed, onConnect() {} })).rejects.toThrow(
      'the private key does not belong to the certificate',
    );
  });

  test('a listener whose keys stop fitting turns away who comes, says why, and goes on with new ones', async () => {
    const tls: TlsOptions = { ...ours, privateKey: join(folder, 'half.pem') };
    await copyFile(ours.privateKey, tls.privateKey);
    const refused: string[] = [];
    const accepted: OvsdbClient[] = [];
    const onConnect = (client: OvsdbClient) => accepted.push(client);
    const onRefused = (...told: string[]) => refused.push(told.join(' '));
    const listener = await listenOvsdb('pssl:0:127.0.0.1', { tls, onConnect, onRefused });
    cleanups.push(() => listener.close());
    await copyFile(strangers.privateKey, tls.privateKey);
    const port = Number(listener.target.split(':')[1]);
    const dialling = await startOvsdbServer({ args: [...tlsArgs(serverKeys), `--remote=ssl:127.0.0.1:${port}`] });
    cleanups.push(() => dialling.stop());
    await vi.waitFor(
      () => expect(refused[0]).toMatch(/^TLS: the private key does not belong to the certificate 127\.0\.0\.1:\d+$/),
      SOON,
    );
    await copyFile(ours.privateKey, tls.privateKey);
    await vi.waitFor(() => expect(accepted).toHaveLength(1), SOON);
  });
});
