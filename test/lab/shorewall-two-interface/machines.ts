/** Who is there: three machines on the local network, the firewall machine, and the Internet. */
import { startControl } from '../support/control.ts';
import { addGuest } from '../support/guest.ts';
import { type OpenVSwitch, startHost } from '../support/host.ts';
import { inside, type Lab, type Namespace } from '../support/lab.ts';
import { startWeb } from '../support/traffic.ts';

export const FIREWALL = { loc: '10.66.66.1', net: '203.0.113.66' };
export const PC = '10.66.66.10';
/** Inside, and as the Internet knows them. */
export const WEB1 = { inner: '10.66.66.67', outer: '203.0.113.67' };
export const WEB2 = { inner: '10.66.66.68', outer: '203.0.113.68' };
/** Behind web2. */
export const BEHIND = '192.0.2.9';
export const PROVIDER = '203.0.113.1';
/** Somewhere on the Internet. */
export const SERVER = '198.51.100.7';

export interface Machines {
  hv1: OpenVSwitch;
  /** The firewall machine's own stack. */
  fw: Namespace;
  pc: Namespace;
  web1: Namespace;
  web2: Namespace;
  net: Namespace;
}

export async function startMachines(lab: Lab): Promise<Machines> {
  await startControl(lab);
  const hv1 = await startHost(lab, 'hv1', 'tcp');
  const station = (name: string, address: string) =>
    addGuest(lab, hv1, name, { addresses: [`${address}/24`], via: FIREWALL.loc });
  const [pc, web1, web2] = [
    await station('pc', PC),
    await station('web1', WEB1.inner),
    await station('web2', WEB2.inner),
  ];
  const net = await addGuest(lab, hv1, 'net', { addresses: [`${PROVIDER}/24`], device: 'eth0' });
  await inside(net, ['ip', 'address', 'add', `${SERVER}/32`, 'dev', 'lo']);
  await inside(web2, ['ip', 'address', 'add', `${BEHIND}/32`, 'dev', 'lo']);
  const fw = hv1.namespace;
  const servers: [Namespace, number][] = [
    ...[22, 80].map((port): [Namespace, number] => [fw, port]),
    ...[80, 81].flatMap((port): [Namespace, number][] => [
      [web1, port],
      [web2, port],
    ]),
    ...[25, 80].map((port): [Namespace, number] => [net, port]),
  ];
  await Promise.all(servers.map(([machine, port]) => startWeb(lab, machine, port)));
  return { hv1, fw, pc, web1, web2, net };
}
