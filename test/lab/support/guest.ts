// Stations: namespaces with one cable to a host, or with a switch of their own behind it.
import { type OpenVSwitch, startOpenVSwitch, vsctl } from './host.ts';
import { cable, createNamespace, inside, type Lab, type Namespace } from './lab.ts';
import { until } from './wait.ts';

export interface GuestOptions {
  /** `10.0.100.11/16`; more than one are aliases. */
  addresses?: string[];
  mac?: string;
  /** Default gateway. */
  via?: string;
  /** The host's end of its cable, where that is not called as the station is. */
  device?: string;
}

/** A station with the device `eth0`, cabled to the host's device of the station's name, or the one that is named. */
export async function addGuest(
  lab: Lab,
  host: OpenVSwitch,
  name: string,
  options: GuestOptions = {},
): Promise<Namespace> {
  const guest = await createNamespace(lab, name);
  await cable(host.namespace, options.device ?? name, guest, 'eth0');
  if (options.mac !== undefined) await inside(guest, ['ip', 'link', 'set', 'eth0', 'address', options.mac]);
  for (const address of options.addresses ?? []) {
    await inside(guest, ['ip', 'address', 'add', address, 'dev', 'eth0']);
  }
  if (options.via !== undefined) await inside(guest, ['ip', 'route', 'add', 'default', 'via', options.via]);
  return guest;
}

/** A device inside a guest's own switch: tagged on the cable where it has a tag. */
export interface InnerDevice {
  name: string;
  tag?: number;
  address: string;
}

/** A station that is itself a switch: what leaves it carries the tags of its inner devices. */
export async function addSwitchGuest(
  lab: Lab,
  host: OpenVSwitch,
  name: string,
  devices: InnerDevice[],
): Promise<Namespace> {
  const guest = await addGuest(lab, host, name);
  const inner = await startOpenVSwitch(lab, guest);
  await vsctl(inner, 'add-br', 'inner', '--', 'set', 'bridge', 'inner', 'datapath_type=netdev', 'fail_mode=standalone');
  await vsctl(inner, 'add-port', 'inner', 'eth0');
  for (const { name: device, tag, address } of devices) {
    const tagged = tag === undefined ? [] : [`tag=${tag}`];
    await vsctl(inner, 'add-port', 'inner', device, ...tagged, '--', 'set', 'interface', device, 'type=internal');
    await until(`${device} is there`, async () => (await inside(guest, ['ip', '-o', 'link'])).includes(` ${device}:`));
    await inside(guest, ['ip', 'address', 'add', address, 'dev', device]);
    await inside(guest, ['ip', 'link', 'set', device, 'up']);
  }
  return guest;
}

export async function macOf(namespace: Namespace, device = 'eth0'): Promise<string> {
  return (await inside(namespace, ['cat', `/sys/class/net/${device}/address`])).trim();
}
