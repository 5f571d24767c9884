// The IP network between hosts that tunnels travel over: the hosts' uplinks, and the addresses of their tunnel ends.
import type { OpenVSwitch } from './host.ts';
import { giveAddresses } from './host-stack.ts';
import { cable, createNamespace, inside, type Lab, type Namespace } from './lab.ts';

/** A switch of the underlay, to which any number of hosts are cabled. */
export async function startUnderlay(lab: Lab): Promise<Namespace> {
  const underlay = await createNamespace(lab, 'underlay');
  await inside(underlay, ['ip', 'link', 'add', 'wire', 'type', 'bridge', 'forward_delay', '0']);
  await inside(underlay, ['ip', 'link', 'set', 'wire', 'up']);
  return underlay;
}

/** Cables a host's `eth1` to it. */
export async function joinUnderlay(underlay: Namespace, host: OpenVSwitch): Promise<void> {
  const { namespace } = host;
  await cable(namespace, 'eth1', underlay, namespace.name);
  await inside(underlay, ['ip', 'link', 'set', namespace.name, 'master', 'wire']);
}

/** The host's own address, on the bridge's internal port. */
export function addUnderlay(host: OpenVSwitch, device: string, address: string): Promise<void> {
  return giveAddresses(host, device, [`${address}/24`]);
}
