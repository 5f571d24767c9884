// A machine that runs Open vSwitch: a namespace with its own ovsdb-server and ovs-vswitchd.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_ADDRESS, joinManagement } from './control.ts';
import { startDaemon } from './daemon.ts';
import { createNamespace, inside, type Lab, type Namespace, tryInside } from './lab.ts';
import { must, type Outcome } from './shell.ts';
import { until } from './wait.ts';

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

export interface OpenVSwitch {
  namespace: Namespace;
  /** Its OVS_RUNDIR: database, sockets, logs. */
  folder: string;
}

/** How Flowloom reaches a host's database: it dials a TCP port or a socket, or the host dials in. */
export type Reach = 'tcp' | 'unix' | 'dials-in';

/** A host of the lab, joined to the management network. Its name ends in its number. */
export async function startHost(lab: Lab, name: string, reach: Reach): Promise<OpenVSwitch> {
  const namespace = await createNamespace(lab, name);
  const address = await joinManagement(lab, namespace);
  const host = await startOpenVSwitch(lab, namespace, reach === 'tcp' ? [`ptcp:6640:${address}`] : []);
  await vsctl(host, 'set', 'Open_vSwitch', '.', `external_ids:system-id=${name}`);
  // As an administrator does it.
  if (reach === 'dials-in') await vsctl(host, 'set-manager', `tcp:${CONTROL_ADDRESS}:6640`);
  lab.hints.push(
    `flows of ${name}: ip netns exec ${namespace.id} ovs-ofctl -O OpenFlow14 dump-flows unix:${host.folder}/br0.mgmt`,
  );
  return host;
}

/** Open vSwitch in a namespace of its own; also used for guests that are themselves switches. */
export async function startOpenVSwitch(lab: Lab, namespace: Namespace, remotes: string[] = []): Promise<OpenVSwitch> {
  const folder = join(lab.folder, namespace.name);
  mkdirSync(folder, { recursive: true });
  const host = { namespace, folder };
  // The kernel knows the ports too: it must not answer ARP on them for addresses that it has elsewhere.
  await inside(namespace, ['sysctl', '-q', '-w', 'net.ipv4.conf.all.arp_ignore=1']);
  const database = join(folder, 'conf.db');
  await must(['ovsdb-tool', 'create', database, SCHEMA]);
  const listen = [`punix:${folder}/db.sock`, ...remotes, 'db:Open_vSwitch,Open_vSwitch,manager_options'];
  const server = ['ovsdb-server', database, ...listen.map((remote) => `--remote=${remote}`)];
  startDaemon(
    lab,
    `${namespace.name}-ovsdb-server`,
    namespace,
    [...server, `--unixctl=${folder}/db.ctl`],
    runDir(host),
  );
  await until('ovsdb-server listens', () => existsSync(`${folder}/db.sock`));
  await vsctl(host, '--no-wait', 'init');
  startSwitch(lab, host);
  await until('ovs-vswitchd answers', async () => {
    const version = ['ovs-appctl', '-t', `${folder}/sw.ctl`, 'version'];
    return (await tryInside(namespace, version)).code === 0;
  });
  return host;
}

function startSwitch(lab: Lab, host: OpenVSwitch): void {
  const { namespace, folder } = host;
  const words = ['ovs-vswitchd', `unix:${folder}/db.sock`, `--unixctl=${folder}/sw.ctl`];
  startDaemon(lab, `${namespace.name}-ovs-vswitchd`, namespace, words, runDir(host));
}

/** ovs-vswitchd ends and starts again, as at an upgrade: its flows and connections are lost, the database stays. */
export async function restartSwitch(lab: Lab, host: OpenVSwitch): Promise<void> {
  await appctl(host, 'exit');
  await until('ovs-vswitchd is gone', async () => (await appctl(host, 'version')).code !== 0);
  startSwitch(lab, host);
  await until('ovs-vswitchd answers', async () => (await appctl(host, 'version')).code === 0);
}

export function runDir(host: OpenVSwitch): Record<string, string> {
  return { OVS_RUNDIR: host.folder, OVS_DBDIR: host.folder, OVS_LOGDIR: host.folder };
}

export async function vsctl(host: OpenVSwitch, ...words: string[]): Promise<string> {
  const all = ['ovs-vsctl', '--timeout=10', `--db=unix:${host.folder}/db.sock`, ...words];
  return (await inside(host.namespace, all, { env: runDir(host) })).trim();
}

export async function ofctl(host: OpenVSwitch, ...words: string[]): Promise<string> {
  return inside(host.namespace, ['ovs-ofctl', '-O', 'OpenFlow14', ...words], { env: runDir(host) });
}

export function appctl(host: OpenVSwitch, ...words: string[]): Promise<Outcome> {
  return tryInside(host.namespace, ['ovs-appctl', '-t', `${host.folder}/sw.ctl`, ...words], { env: runDir(host) });
}
