// The machine that Flowloom runs on, and the management network that joins it to the hosts.
import { cable, createNamespace, inside, type Lab, type Namespace } from './lab.ts';

export const CONTROL_ADDRESS = '10.250.0.1';

/** A namespace with the bridge `mgmt`, on which hosts and controller meet. */
export async function startControl(lab: Lab): Promise<Namespace> {
  const control = await createNamespace(lab, 'ctl');
  await inside(control, ['ip', 'link', 'add', 'mgmt', 'type', 'bridge', 'forward_delay', '0']);
  await inside(control, ['ip', 'address', 'add', `${CONTROL_ADDRESS}/24`, 'dev', 'mgmt']);
  await inside(control, ['ip', 'link', 'set', 'mgmt', 'up']);
  return control;
}

/** Gives a host its place on the management network; returns its address there. */
export async function joinManagement(lab: Lab, host: Namespace): Promise<string> {
  const control = lab.namespaces.get('ctl');
  if (control === undefined) throw new Error('startControl comes first');
  const address = `10.250.0.${10 + Number(host.name.replace(/\D/g, ''))}`;
  await cable(control, host.name, host, 'mgmt0');
  await inside(control, ['ip', 'link', 'set', host.name, 'master', 'mgmt']);
  await inside(host, ['ip', 'address', 'add', `${address}/24`, 'dev', 'mgmt0']);
  return address;
}
