/** The same rules over IPv6, in a lab. */

import { expect, test } from 'vitest';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = (firewall: string) => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, net: { vlan: 30 } }
bridges:
  br0: { hosts: [hv1], ports: { hv1/pc: { access: loc }, hv1/peer: { access: net } } }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: [10.1.0.1/24, "2001:db8:1::1/64"] }
      net: { segment: net, address: [192.0.2.1/24, "2001:db8:2::1/64"] }
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
${firewall}`;

async function network(firewall: string): Promise<Lab> {
  const net = await lab({
    file: file(firewall),
    guests: {
      pc: { ip: '10.1.0.10/24', ip6: '2001:db8:1::10/64', gateway: '10.1.0.1' },
      peer: { ip: '192.0.2.9/24', ip6: '2001:db8:2::9/64', gateway: '192.0.2.1' },
    },
  });
  return net;
}

const firewall = `  sets: { friends: [10.9.0.1, "2001:db8:2::9"] }
  policy: [loc to net accept, all to all reject]
  rules:
    - accept ping from all to fw
    - reject smtp from loc to net log
    - drop udp 9 from loc to net over 100 bytes
    - accept ssh from net:@friends to loc limit 2/min burst 2
    - accept http from net:2001:db8:2::/64 to loc:2001:db8:1::10
    - accept icmpv6 echo-request from net to loc
`;
const SIX = { src: '2001:db8:1::10', dst: '2001:db8:2::9' };
const BACK = { src: SIX.dst, dst: SIX.src };

test('accept, reject, log and sizes over IPv6', async () => {
  const net = await network(firewall);
  await net.ping('pc', '2001:db8:1::1');
  await net.ping('peer', '2001:db8:2::1');
  expectPacket(await net.send('pc', packet.tcp({ ...SIX, dstPort: 80 }))).reaches('peer', { ipv6: SIX });
  expectPacket(await net.send('pc', packet.tcp({ ...SIX, srcPort: 4000, dstPort: 25 }))).reaches('pc', {
    ipv6: BACK,
    tcp: { srcPort: 25, dstPort: 4000, flags: ['rst', 'ack'] },
  });
  expect(net.told.map(({ fields }) => [fields.src, fields.dstPort, fields.verdict])).toEqual([[SIX.src, 25, 'reject']]);
  expectPacket(await net.send('peer', packet.udp({ ...BACK, dstPort: 53 }))).reaches('peer', {
    icmpv6: { type: 1, code: 4 },
  });
  const sized = (bytes: number, srcPort: number) =>
    net.send('pc', packet.udp({ ...SIX, srcPort, dstPort: 9, payload: 'x'.repeat(bytes) }));
  // 40 bytes of IPv6, 8 of UDP.
  expectPacket(await sized(52, 1)).reaches('peer');
  expectPacket(await sized(53, 2)).leavesNowhere();
});

test('sets, prefixes, types and limits over IPv6; who leaves a set loses its connections', async () => {
  const net = await network(firewall);
  await net.ping('pc', '2001:db8:1::1');
  await net.ping('peer', '2001:db8:2::1');
  const ssh = (srcPort: number, flags: ('syn' | 'ack')[] = ['syn']) =>
    net.send('peer', packet.tcp({ ...BACK, srcPort, dstPort: 22, flags }));
  expectPacket(await ssh(1)).reaches('pc');
  expectPacket(await ssh(2)).reaches('pc');
  expectPacket(await ssh(3)).doesNotReach('pc');
  expectPacket(await net.send('peer', packet.tcp({ ...BACK, dstPort: 80 }))).reaches('pc');
  expectPacket(await net.send('peer', packet.tcp({ src: 'peer', dst: 'pc', dstPort: 80 }))).doesNotReach('pc');
  expectPacket(await ssh(1, ['ack'])).reaches('pc');
  await net.reload({ file: file(firewall.replace('2001:db8:2::9"', '2001:db8:2::8"')) });
  expectPacket(await ssh(1, ['ack'])).doesNotReach('pc');
});
