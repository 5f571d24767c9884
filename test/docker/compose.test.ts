// docker-compose.yml: its shape, and its hosts' entry point with its very settings, in namespaces instead of containers.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startControl } from '../lab/support/control.ts';
import { type Daemon, outputOf, startDaemon, untilSaid } from '../lab/support/daemon.ts';
import { cable, createNamespace, inside, type Lab, type Namespace, openLab, tryInside } from '../lab/support/lab.ts';
import { closeRecord, openRecord, type RunRecord } from '../lab/support/record.ts';
import { run } from '../lab/support/shell.ts';
import { until } from '../lab/support/wait.ts';

interface Service {
  build: { context: string; dockerfile?: string };
  command?: string[];
  environment: Record<string, string>;
  networks: Record<string, { ipv4_address: string }>;
  volumes?: string[];
  ports?: string[];
  privileged?: boolean;
  init?: boolean;
}

interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { ipam: { config: { subnet: string; gateway: string }[] } }>;
  volumes: Record<string, unknown>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as Compose;
const file = parse(readFileSync(join(root, 'test/lab/vxlan/flowloom.yaml'), 'utf8')) as {
  hosts: Record<string, { ovsdb: string; underlay: string }>;
  bridges: Record<string, { hosts: string[]; ports: Record<string, unknown> }>;
};
const HOSTS = ['hv1', 'hv2'] as const;

function service(name: string): Service {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

function guestsOf(name: string): [string, string][] {
  return (service(name).environment.GUESTS ?? '').split(' ').map((pair) => pair.split('=') as [string, string]);
}

describe('docker-compose.yml', () => {
  test('has no key that Compose does not know', () => {
    expect(Object.keys(compose).sort()).toEqual(['networks', 'services', 'volumes']);
    const known = ['build', 'command', 'environment', 'init', 'networks', 'ports', 'privileged', 'volumes'];
    for (const one of Object.values(compose.services)) {
      expect(known).toEqual(expect.arrayContaining(Object.keys(one)));
      expect(['context', 'dockerfile']).toEqual(expect.arrayContaining(Object.keys(one.build)));
    }
  });

  test('names files that are there', () => {
    for (const one of Object.values(compose.services)) {
      expect(existsSync(join(root, one.build.context, one.build.dockerfile ?? 'Dockerfile'))).toBe(true);
      for (const volume of one.volumes ?? []) {
        const [source = ''] = volume.split(':');
        expect(source.startsWith('.') ? existsSync(join(root, source)) : source in compose.volumes).toBe(true);
      }
    }
  });

  test('gives every service an address of its own inside its networks', () => {
    const given = Object.values(compose.services).flatMap((one) => Object.entries(one.networks));
    for (const [network, { ipv4_address: address }] of given) {
      const { subnet, gateway } = compose.networks[network]?.ipam.config[0] ?? { subnet: '', gateway: '' };
      expect(subnet).toMatch(/\.0\/24$/);
      expect(address.startsWith(subnet.replace(/0\/24$/, ''))).toBe(true);
      expect(address).not.toBe(gateway);
    }
    const addresses = given.map(([, { ipv4_address: address }]) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test('fits the flowloom.yaml that the controller is given', () => {
    expect(service('controller').volumes?.[0]).toMatch(
      /test\/lab\/vxlan\/flowloom\.yaml:\/etc\/flowloom\/flowloom\.yaml:ro$/,
    );
    for (const name of HOSTS) {
      const { environment, networks } = service(name);
      expect(environment.HOST).toBe(name);
      expect(file.hosts[name]?.ovsdb).toBe(`tcp:${networks.management?.ipv4_address}:6640`);
      expect(file.hosts[name]?.underlay).toBe(networks.underlay?.ipv4_address);
      expect(environment.UNDERLAY).toBe(`${networks.underlay?.ipv4_address}/24`);
      expect(file.bridges[environment.PHY ?? '']?.ports).toHaveProperty(`${name}/${environment.UPLINK}`);
      const ports = Object.keys(file.bridges.br0?.ports ?? {}).filter((port) => port.startsWith(`${name}/`));
      expect(guestsOf(name).map(([guest]) => `${name}/${guest}`)).toEqual(ports);
    }
  });
});

describe('its containers as namespaces', () => {
  let record: RunRecord;
  let control: Namespace;
  let flowloom: Daemon;
  const hosts = new Map<string, Daemon>();

  beforeAll(async () => {
    record = openRecord();
    const lab = openLab(record, 'docker', join(root, 'test/lab/vxlan'));
    control = await startControl(lab);
    const [subnet] = (service('controller').networks.management?.ipv4_address ?? '').split(' ');
    await inside(control, ['ip', 'address', 'add', `${subnet}/24`, 'dev', 'mgmt']);
    await startHosts(lab);
    // The image's entry point is `flowloom`; the rest is the service's own command.
    const words = (service('controller').command ?? []).map((word) =>
      word
        .replace('/etc/flowloom/flowloom.yaml', join(root, 'test/lab/vxlan/flowloom.yaml'))
        .replace('/var/lib/flowloom', join(lab.folder, 'state')),
    );
    const program = process.env.FLOWLOOM_LAB_PROGRAM ?? join(root, 'src/main.ts');
    flowloom = startDaemon(lab, 'flowloom', control, [process.execPath, program, ...words], { FLOWLOOM_TOKEN: 'lab' });
  });

  afterAll(() => closeRecord(record));

  async function startHosts(lab: Lab): Promise<void> {
    const spaces: Namespace[] = [];
    for (const name of HOSTS) {
      const space = await createNamespace(lab, name);
      spaces.push(space);
      // Named against the grain: eth1 is the management network's, as an engine may have it.
      await cable(control, name, space, 'eth1');
      await inside(control, ['ip', 'link', 'set', name, 'master', 'mgmt']);
      const address = service(name).networks.management?.ipv4_address;
      await inside(space, ['ip', 'address', 'add', `${address}/24`, 'dev', 'eth1']);
    }
    const [first, second] = spaces as [Namespace, Namespace];
    await cable(first, 'eth0', second, 'eth0');
    for (const space of spaces) {
      const { environment } = service(space.name);
      await inside(space, ['ip', 'address', 'add', environment.UNDERLAY ?? '', 'dev', 'eth0']);
      // A container has its own /run; here it must not be the machine's.
      const own = 'mount --make-rprivate / && mount -t tmpfs none /run && exec /bin/bash "$0"';
      const words = ['unshare', '--mount', 'sh', '-c', own, join(root, 'docker/host.sh')];
      hosts.set(
        space.name,
        startDaemon(lab, `${space.name}-host`, space, words, { ...environment, OVS_RUNDIR: '/run/openvswitch' }),
      );
    }
  }

  function host(name: string): Daemon {
    return hosts.get(name) as Daemon;
  }

  function ping(hostName: string, guest: string, address: string) {
    const { pid } = host(hostName).identity;
    const words = ['ip', 'netns', 'exec', guest, 'ping', '-n', '-c', '1', '-W', '1', address];
    // With its root too: this machine's own may be another, as in a chroot.
    return run(['nsenter', '-t', String(pid), '-m', '-n', '-r', ...words]);
  }

  test('the hosts become ready', async () => {
    for (const name of HOSTS) {
      await untilSaid(host(name), /: ready: /, 25).catch((error: Error) => {
        throw new Error(`${error.message}\n${outputOf(host(name))}\nFlowloom:\n${outputOf(flowloom)}`);
      });
    }
  });

  test('guests of both hosts reach each other, and the other segment stays apart', async () => {
    await until('vm1 reaches vm3', async () => (await ping('hv1', 'vm1', '10.10.0.3')).code === 0, 20);
    expect((await ping('hv2', 'vm4', '10.10.0.2')).code).toBe(0);
    expect((await ping('hv1', 'alien1', '10.10.0.12')).code).toBe(0);
    expect((await ping('hv1', 'alien1', '10.10.0.3')).code).toBe(1);
  });

  test('the API is there for who has the token', async () => {
    const url = `http://${service('controller').networks.management?.ipv4_address}:8080/api/v1/status`;
    const ask = (...flags: string[]) =>
      tryInside(control, ['curl', '-s', '--noproxy', '*', '-o', '/dev/null', '-w', '%{http_code}', ...flags, url]);
    expect((await ask()).stdout).toBe('401');
    expect((await ask('-H', 'Authorization: Bearer lab')).stdout).toBe('200');
  });
});
