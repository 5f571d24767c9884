// The machines of the lab: two hosts with five cables between them, stations, and a box that sends what frames it likes.
import { addGuest } from '../support/guest.ts';
import { type OpenVSwitch, startOpenVSwitch, vsctl } from '../support/host.ts';
import { cable, createNamespace, inside, type Lab, type Namespace } from '../support/lab.ts';
import { addUnderlay } from '../support/underlay.ts';
import { until } from '../support/wait.ts';

export interface Machines {
  hv1: OpenVSwitch;
  hv2: OpenVSwitch;
  office1: Namespace;
  voice1: Namespace;
  office2: Namespace;
  /** These are on the bridge that forwards by itself. */
  office3: Namespace;
  voice3: Namespace;
  box: Namespace;
}

/** The ports that the box is cabled to, each with devices in it: `u` sends without a tag, `t` with 200, `o` 100, `x` 300. */
export const BOX_PORTS = ['tagged0', 'plain0', 'tagged1', 'plain1'] as const;
export const BOX_TAGS = { u: undefined, t: 200, o: 100, x: 300 } as const;

/** The address of a device in the box. */
export function boxAddress(port: (typeof BOX_PORTS)[number], device: keyof typeof BOX_TAGS): string {
  return `10.9.${BOX_PORTS.indexOf(port) + 1}.${Object.keys(BOX_TAGS).indexOf(device) + 1}`;
}

/** Stations that are ports of Open vSwitch's own making: the networks of their addresses. */
const INTERNAL = { 'i-gen': '10.21.0', 'i-gre': '10.22.0', 'i-pair': '10.24.0', 'i-team': '10.25.0' };

export async function addMachines(lab: Lab, hosts: Pick<Machines, 'hv1' | 'hv2'>): Promise<Machines> {
  const { hv1, hv2 } = hosts;
  for (const device of ['eth1', 'pair1', 'pair2', 'team1', 'team2']) {
    await cable(hv1.namespace, device, hv2.namespace, device);
  }
  return {
    ...hosts,
    office1: await addGuest(lab, hv1, 'office1', { addresses: ['10.1.0.1/16'] }),
    voice1: await addGuest(lab, hv1, 'voice1', { addresses: ['10.9.0.1/16'] }),
    office2: await addGuest(lab, hv2, 'office2', { addresses: ['10.1.0.2/16'] }),
    office3: await addGuest(lab, hv1, 'office3', { addresses: ['10.1.0.3/16'] }),
    voice3: await addGuest(lab, hv1, 'voice3', { addresses: ['10.9.0.3/16'] }),
    box: await addBox(lab, hv1),
  };
}

async function addBox(lab: Lab, host: OpenVSwitch): Promise<Namespace> {
  const box = await createNamespace(lab, 'box');
  const inner = await startOpenVSwitch(lab, box);
  const words: string[] = [];
  for (const port of BOX_PORTS) {
    await cable(host.namespace, port, box, port);
    const bridge = `in-${port}`;
    words.push('--', 'add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev', 'fail_mode=standalone');
    words.push('--', 'add-port', bridge, port);
    for (const [device, tag] of Object.entries(BOX_TAGS)) {
      const name = `${device}-${port}`;
      words.push('--', 'add-port', bridge, name, ...(tag === undefined ? [] : [`tag=${tag}`]));
      words.push('--', 'set', 'interface', name, 'type=internal');
    }
  }
  await vsctl(inner, ...words.slice(1));
  for (const port of BOX_PORTS) {
    for (const device of Object.keys(BOX_TAGS) as (keyof typeof BOX_TAGS)[]) {
      // All are in one network with the stations: each is asked for by its own device.
      await giveAddress(box, `${device}-${port}`, `${boxAddress(port, device)}/${device === 'o' ? 32 : 16}`);
    }
  }
  return box;
}

/** The administrator's part: addresses on the ports that Open vSwitch made. */
export async function addAddresses({ hv1, hv2 }: Machines): Promise<void> {
  for (const [index, host] of [hv1, hv2].entries()) {
    await addUnderlay(host, 'br-phy', `192.168.50.${index + 1}`);
    for (const [device, network] of Object.entries(INTERNAL)) {
      await giveAddress(host.namespace, device, `${network}.${index + 1}/24`);
    }
  }
}

async function giveAddress(namespace: Namespace, device: string, address: string): Promise<void> {
  await until(`${device} is there`, async () =>
    (await inside(namespace, ['ip', '-o', 'link'])).includes(` ${device}:`),
  );
  await inside(namespace, ['ip', 'address', 'add', address, 'dev', device]);
  await inside(namespace, ['ip', 'link', 'set', device, 'up']);
}
