/** Sets of addresses in rules: who is in one, who leaves it, and what a change of one sends. */

import { expect, test } from 'vitest';
import { expectPacket, type Lab, packet } from '../../../src/testing/index.ts';
import { fileWith, network } from './network.ts';

const nat = `nat:
  - forward tcp 192.0.2.9:8080 to 10.2.0.10:80
`;
const firewall = (admins: string, servers = '10.2.0.10') => `  sets: { admins: [${admins}], servers: [${servers}] }
  policy: [all to all drop]
  rules:
    - accept tcp 22,80 from loc:@admins to dmz
    - accept tcp 80 from net to dmz:@servers
    - accept udp 7 from loc:@admins,10.1.0.99 to dmz:@servers
`;
const ssh = (net: Lab, guest: string, flags: ('syn' | 'ack')[] = ['syn']) =>
  net.send(guest, packet.tcp({ dst: 'web', srcPort: 4000, dstPort: 22, flags }));
const back = (net: Lab, guest: string) =>
  net.send('web', packet.tcp({ dst: guest, srcPort: 22, dstPort: 4000, flags: ['ack'] }));

test('who is in a set, by its own address or a prefix of it', async () => {
  const net = await network(firewall('10.1.0.10'));
  expectPacket(await ssh(net, 'pc')).reaches('web');
  expectPacket(await ssh(net, 'pc2')).leavesNowhere();
  const wider = await network(firewall('10.1.0.0/24, 10.1.0.10, 0.0.0.0/1'));
  expectPacket(await ssh(wider, 'pc')).reaches('web');
  expectPacket(await ssh(wider, 'pc2')).reaches('web');
});

test('who leaves a set loses its connections, both ways, and nobody else', async () => {
  const net = await network(firewall('10.1.0.10, 10.1.0.11'));
  expectPacket(await ssh(net, 'pc')).reaches('web');
  expectPacket(await ssh(net, 'pc2')).reaches('web');
  expectPacket(await back(net, 'pc')).reaches('pc');
  const before = net.counters('accept tcp 22,80 from loc:@admins to dmz').packets;
  await net.reload({ file: fileWith(firewall('10.1.0.11')) });
  expectPacket(await ssh(net, 'pc', ['ack'])).leavesNowhere();
  expectPacket(await back(net, 'pc')).leavesNowhere();
  expectPacket(await back(net, 'pc2')).reaches('pc2');
  expectPacket(await ssh(net, 'pc2', ['ack'])).reaches('web');
  expect(net.counters('accept tcp 22,80 from loc:@admins to dmz').packets).toBe(before + 2);
  // Both are told apart by the class of their address; of the set only one flow of each side has gone.
  expectPacket(await ssh(net, 'pc')).leavesNowhere();
});

test('a destination that leaves its set loses its connections, behind a forward too', async () => {
  const net = await network(firewall('10.1.0.10'), nat);
  const knock = packet.tcp({ dst: '192.0.2.9', srcPort: 5000, dstPort: 8080, flags: ['syn'] });
  expectPacket(await net.send('peer', knock)).reaches('web');
  const answer = packet.tcp({ dst: 'peer', srcPort: 80, dstPort: 5000, flags: ['syn', 'ack'] });
  expectPacket(await net.send('web', answer)).reaches('peer', { ipv4: { src: '192.0.2.9' }, tcp: { srcPort: 8080 } });
  await net.reload({ file: fileWith(firewall('10.1.0.10', '10.2.0.77'), nat) });
  expectPacket(await net.send('web', answer)).leavesNowhere();
  const more = packet.tcp({ dst: '192.0.2.9', srcPort: 5000, dstPort: 8080, flags: ['ack'] });
  expectPacket(await net.send('peer', more)).leavesNowhere();
});

test('an address beside a set stays allowed when the set changes', async () => {
  const net = await network(firewall('10.1.0.10').replace('10.1.0.99', '10.1.0.11'));
  const udp = packet.udp({ dst: 'web', srcPort: 4000, dstPort: 7 });
  expectPacket(await net.send('pc2', udp)).reaches('web');
  await net.reload({ file: fileWith(firewall('10.1.0.12').replace('10.1.0.99', '10.1.0.11')) });
  expectPacket(await net.send('pc2', udp)).reaches('web');
  expectPacket(await net.send('pc', udp)).leavesNowhere();
});

test('a member more is one flow for each side, in a set of thousands that many rules name', async () => {
  const members = Array.from({ length: 3000 }, (_, i) => `10.${10 + (i >> 8)}.${i & 255}.1`);
  const many = (all: string[]) => `  sets: { blocked: [${all.join(', ')}] }
  policy: [all to all accept]
  rules:
${Array.from({ length: 10 }, (_, i) => `    - drop tcp ${i + 1} from net:@blocked to all\n`).join('')}`;
  const net = await network(many(members));
  expect(net.flows('hv1/br0').length).toBeLessThan(2 * members.length + 250);
  const ping = packet.tcp({ src: '10.10.7.1', dst: 'pc', dstPort: 5 });
  expectPacket(await net.send('peer', ping)).leavesNowhere();
  const told = () => net.log.filter((line) => line.includes('flows added')).at(-1);
  await net.reload({ file: fileWith(many([...members, '10.99.0.1'])) });
  expect(told()).toContain(': 2 flows added, 0 deleted');
  await net.reload({ file: fileWith(many(members.slice(1))) });
  expect(told()).toContain(': 0 flows added, 4 deleted');
});
