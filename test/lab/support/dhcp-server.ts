// A guest that is a DHCP server, not Flowloom's: BusyBox's.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, untilSaid } from './daemon.ts';
import type { Lab, Namespace } from './lab.ts';

export interface DhcpServerOptions {
  first: string;
  last: string;
  router: string;
}

export async function startDhcpServer(lab: Lab, guest: Namespace, options: DhcpServerOptions): Promise<void> {
  const { first, last, router } = options;
  const file = join(lab.folder, `udhcpd-${guest.name}`);
  const settings = [
    ...['interface eth0', `start ${first}`, `end ${last}`, 'max_leases 10'],
    ...[`lease_file ${file}.leases`, `pidfile ${file}.pid`],
    ...['opt subnet 255.255.255.0', `opt router ${router}`, 'opt lease 600'],
  ];
  writeFileSync(`${file}.conf`, `${settings.join('\n')}\n`);
  writeFileSync(`${file}.leases`, '');
  const words = ['busybox', 'udhcpd', '-f', '-a', '100', `${file}.conf`];
  await untilSaid(startDaemon(lab, `udhcpd-${guest.name}`, guest, words), /started/);
}
