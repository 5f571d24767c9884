/** The manager with hosts over TLS, dialled and dialling in, on a real ovsdb-server. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Config } from '../../src/config/model.ts';
import { type HostManager, manageHosts } from '../../src/ovsdb/manager/manager.ts';
import type { TlsOptions } from '../../src/transport/tls.ts';
import { freePort, type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { createAuthority } from '../support/pki.ts';
import { SOON } from '../support/soon.ts';
import { testBridge, testConfig, testHost, testPort } from './config.ts';

let folder: string;
let ours: TlsOptions;
let strangers: TlsOptions;
let keys: TlsOptions;
let lines: string[] = [];
const cleanups: (() => unknown)[] = [];
const log = pino({ level: 'info', base: null }, { write: (line: string) => lines.push(JSON.parse(line).msg) });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowloom-manager-tls-'));
  const authority = await createAuthority(folder, 'ovs');
  [ours, keys] = [await authority.sign('controller'), await authority.sign('switch')];
  strangers = await (await createAuthority(folder, 'stranger')).sign('switch');
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  lines = [];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const args = ({ privateKey, certificate, caCert }: TlsOptions) => [
  `--private-key=${privateKey}`,
  `--certificate=${certificate}`,
  `--ca-cert=${caCert}`,
];

async function serve(tls: TlsOptions, ...more: string[]): Promise<OvsdbServer> {
  const server = await startOvsdbServer({ args: [...args(tls), ...more] });
  cleanups.push(() => server.stop());
  return server;
}

const fileWith = (tls: Config['tls'], ovsdb?: string): Config =>
  testConfig({
    tls,
    hosts: [testHost('hv1', { ovsdb })],
    bridges: [testBridge('br0', [testPort('web1')])],
  });

async function manage(ovsdb: string | undefined, listen?: string, tls: Config['tls'] = ours): Promise<HostManager> {
  const config = fileWith(tls, ovsdb);
  const manager = await manageHosts({ config, openflowPort: 6653, listen, log, onChange() {} });
  cleanups.push(() => manager.stop());
  return manager;
}

test('a host that is dialled; one with a certificate of another authority is not believed', async () => {
  const [port, other] = [await freePort(), await freePort()];
  const server = await serve(keys, `--remote=pssl:${port}:127.0.0.1`);
  await manage(`ssl:127.0.0.1:${port}`);
  await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
  const stranger = await serve(strangers, `--remote=pssl:${other}:127.0.0.1`);
  const manager = await manage(`ssl:127.0.0.1:${other}`);
  await vi.waitFor(() => expect(manager.status()[0]?.error).toMatch(/certificate|CA/i), SOON);
  expect(await stranger.vsctl('list-br')).toBe('');
});

test('a host that dials in; one with a certificate of another authority is turned away', async () => {
  const manager = await manage(undefined, 'pssl:0:127.0.0.1');
  const { listening } = manager;
  const port = listening?.kind === 'pssl' ? listening.port : 0;
  for (const [tls, taken] of [
    [strangers, false],
    [keys, true],
  ] as const) {
    const server = await serve(tls);
    await server.vsctl('init');
    await server.vsctl('set', 'Open_vSwitch', '.', 'external_ids:system-id=hv1');
    await server.vsctl('set-manager', `ssl:127.0.0.1:${port}`);
    if (taken) await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    else {
      await vi.waitFor(() => expect(lines.join('\n')).toMatch(/a host at 127\.0\.0\.1.* was turned away/), SOON);
      expect(await server.vsctl('list-br')).toBe('');
    }
  }
});

test('a reloaded file with other keys: hosts that dial in are shaken hands with those from then on', async () => {
  const manager = await manage(undefined, 'pssl:0:127.0.0.1', strangers);
  const port = manager.listening?.kind === 'pssl' ? manager.listening.port : 0;
  const server = await serve(keys);
  await server.vsctl('init');
  await server.vsctl('set', 'Open_vSwitch', '.', 'external_ids:system-id=hv1');
  await server.vsctl('set-manager', `ssl:127.0.0.1:${port}`);
  await vi.waitFor(() => expect(lines.join('\n')).toMatch(/a host at 127\.0\.0\.1.* was turned away/), SOON);
  manager.setConfig(fileWith(ours));
  await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
  manager.setConfig(fileWith(undefined));
  expect(lines.at(-1)).toContain('goes on with the keys of the file before');
});
