// A guest that is told its address: by BusyBox's DHCP client, and of IPv6 by the kernel itself, from router advertisements.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, startDaemon, stopDaemon } from './daemon.ts';
import { inside, type Lab, type Namespace, tryInside } from './lab.ts';
import { type Outcome, told } from './shell.ts';
import { until } from './wait.ts';

/** What the client was told, by the names that udhcpc has for the options: `ip`, `router`, `dns`, `lease`, `serverid`, … */
export type DhcpLease = Readonly<Record<string, string>>;

export interface DhcpClientOptions {
  device?: string;
  /** More words for udhcpc: `-x hostname:pc`, `-r 10.0.0.5`. */
  words?: string[];
}

/** Keeps what it is called with, and sets the device up. */
const SCRIPT = (file: string) => `#!/bin/sh
case "$1" in
  deconfig) ip address flush dev "$interface" scope global ;;
  bound | renew)
    ip address replace "$ip/$mask" dev "$interface"
    for via in $router; do ip route replace default via "$via" dev "$interface"; done
    env > "${file}.new" && mv "${file}.new" "${file}"
    ;;
  nak) echo nak > "${file}.nak" ;;
esac
`;

function prepare(lab: Lab, guest: Namespace, device: string): { file: string; command: string[] } {
  const file = join(lab.folder, `lease-${guest.name}`);
  const script = `${file}.sh`;
  writeFileSync(script, SCRIPT(file), { mode: 0o755 });
  rmSync(file, { force: true });
  return { file, command: ['busybox', 'udhcpc', '-f', '-i', device, '-s', script, '-t', '4', '-T', '1'] };
}

/** The lease that it gets; the device has its address then, and the default route. Throws where it gets none. */
export async function leaseByDhcp(lab: Lab, guest: Namespace, options: DhcpClientOptions = {}): Promise<DhcpLease> {
  const { file, outcome } = await askByDhcp(lab, guest, options);
  if (outcome.code !== 0) throw new Error(`${guest.name} gets no lease:\n${told(outcome)}`);
  return readLease(file);
}

/** It asks some seconds long, and gets none. */
export async function expectNoLease(lab: Lab, guest: Namespace, options: DhcpClientOptions = {}): Promise<void> {
  const { outcome } = await askByDhcp(lab, guest, options);
  if (outcome.code === 0) throw new Error(`${guest.name} must get no lease:\n${told(outcome)}`);
}

async function askByDhcp(
  lab: Lab,
  guest: Namespace,
  { device = 'eth0', words = [] }: DhcpClientOptions,
): Promise<{ file: string; outcome: Outcome }> {
  const { file, command } = prepare(lab, guest, device);
  return { file, outcome: await tryInside(guest, [...command, '-n', '-q', ...words]) };
}

/** A client that goes on, and renews its lease when it is asked to. */
export async function startDhcpClient(
  lab: Lab,
  guest: Namespace,
  { device = 'eth0', words = [] }: DhcpClientOptions = {},
): Promise<{ daemon: Daemon; lease(): DhcpLease; renew(): Promise<DhcpLease>; stop(): Promise<void> }> {
  const { file, command } = prepare(lab, guest, device);
  const daemon = startDaemon(lab, `udhcpc-${guest.name}`, guest, [...command, ...words]);
  const isThere = () => existsSync(file);
  await until(`${guest.name} has a lease`, isThere);
  return {
    daemon,
    lease: () => readLease(file),
    async renew() {
      rmSync(file);
      process.kill(daemon.identity.pid, 'SIGUSR1');
      await until(`${guest.name} has renewed its lease`, isThere);
      return readLease(file);
    },
    stop: async () => void (await stopDaemon(daemon)),
  };
}

function readLease(file: string): DhcpLease {
  const pairs = [...readFileSync(file, 'utf8').matchAll(/^([a-z]\w*)=(.*)$/gm)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}

/** Its kernel asks for routers and takes what they say. Labs are without IPv6 otherwise. */
export async function listenForRouters(guest: Namespace, device = 'eth0'): Promise<void> {
  const settings = ['disable_ipv6=0', 'accept_ra=2', 'autoconf=1', 'addr_gen_mode=0', 'router_solicitation_delay=0'];
  await inside(guest, ['ip', 'link', 'set', device, 'down']);
  await inside(guest, ['sysctl', '-q', '-w', ...settings.map((each) => `net.ipv6.conf.${device}.${each}`)]);
  await inside(guest, ['ip', 'link', 'set', device, 'up']);
}

/** Its addresses that came from an advertised prefix, and its default router. */
export async function untilAdvertised(guest: Namespace, device = 'eth0'): Promise<{ address: string; router: string }> {
  return until(`${guest.name} is told of a prefix and a router`, async () => {
    const addresses = await inside(guest, ['ip', '-6', '-o', 'address', 'show', 'dev', device, 'scope', 'global']);
    const routes = await inside(guest, ['ip', '-6', 'route', 'show', 'default', 'dev', device]);
    const [, address] = /inet6 (\S+) /.exec(addresses) ?? [];
    const [, router] = /via (\S+)/.exec(routes) ?? [];
    return address !== undefined && router !== undefined && { address, router };
  });
}
