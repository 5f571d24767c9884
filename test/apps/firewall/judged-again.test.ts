/** A drop that is new above an accept, in a lab: whose connections it does not mean go on, also where only answers come. */

import { test } from 'vitest';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';
import { fileWith, network } from './network.ts';

const rules = (more = '') => `  sets: { some: [192.0.2.254, 10.9.0.1] }
  policy: [loc to net accept]
  rules:
${more}    - drop udp 9 from all to dmz
    - accept udp 7 source 1024-65535 from net to dmz:10.2.0.10
    - accept tcp,icmp from net:@some to dmz
    - accept tcp 1-100 from net to dmz limit 3/min
`;
const NEW = '    - drop all from net:192.0.2.99 to all\n';

/** Opened by the peer, and the station's next answer. */
async function opened(net: Lab, sent: Parameters<Lab['send']>[1]) {
  const { left } = await net.send('peer', sent);
  return packet.answer(left.find(({ guest }) => guest === 'web')!.frame);
}

test('an answer alone is enough: the first is asked about, the next ones pass', async () => {
  const net = await network(rules());
  for (const sent of [
    packet.udp({ dst: 'web', srcPort: 5000, dstPort: 7 }),
    packet.tcp({ dst: 'web', srcPort: 5000, dstPort: 80, flags: ['syn'] }),
    packet.icmp({ dst: 'web', type: 8 }),
  ]) {
    const answer = await opened(net, sent);
    expectPacket(await net.send('web', answer)).reaches('peer');
    await net.reload({ file: fileWith(rules(NEW)) });
    expectPacket(await net.send('web', answer))
      .goesTo('firewall')
      .doesNotReach('peer');
    expectPacket(await net.send('web', answer)).reaches('peer');
    await net.reload({ file: fileWith(rules()) });
  }
});

test('what the new drop means ends, and so does what no rule accepts any more', async () => {
  const net = await network(rules());
  const answer = await opened(net, packet.udp({ dst: 'web', srcPort: 5000, dstPort: 7 }));
  const denials = [
    rules(NEW.replace('.99', '.254')),
    rules('    - drop udp 7 source 5000 from net to dmz\n'),
    rules('    - reject all from net to dmz:!10.2.0.11\n'),
    rules(NEW).replace('accept udp 7', 'accept udp 8'),
  ];
  for (const changed of denials) {
    await net.reload({ file: fileWith(changed) });
    for (let i = 0; i < 3; i++) expectPacket(await net.send('web', answer)).doesNotReach('peer');
  }
  await net.reload({ file: fileWith(rules()) });
  expectPacket(await net.send('web', answer)).reaches('peer');
});

test('behind a forward, of the address and port that it leads to', async () => {
  const nat = 'nat: ["forward udp 192.0.2.9:5300 to 10.2.0.10:7", one-to-one 192.0.2.8 with 10.2.0.10]';
  const net = await network(rules(), nat);
  for (const sent of [
    packet.udp({ dst: '192.0.2.9', srcPort: 5000, dstPort: 5300 }),
    packet.udp({ dst: '192.0.2.8', srcPort: 5000, dstPort: 7 }),
  ]) {
    const answer = await opened(net, sent);
    await net.reload({ file: fileWith(rules(NEW), nat) });
    expectPacket(await net.send('web', answer)).doesNotReach('peer');
    expectPacket(await net.send('web', answer)).reaches('peer', { udp: { dstPort: 5000 } });
    await net.reload({ file: fileWith(rules('    - drop udp 7 from net to dmz\n'), nat) });
    for (let i = 0; i < 3; i++) expectPacket(await net.send('web', answer)).doesNotReach('peer');
    await net.reload({ file: fileWith(rules(), nat) });
  }
});

test('between ports of a segment, over IPv6', async () => {
  const file = (more: string) => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 } }
bridges: { br0: { hosts: [hv1], ports: { hv1/a: { access: loc }, hv1/b: { access: loc } } } }
firewall:
  zones: { one: [hv1/a], two: [hv1/b] }
  rules: [${more}accept udp 7 from one to two]
`;
  const guests = { a: { ip: '10.1.0.1/24', ip6: '2001:db8::1/64' }, b: { ip: '10.1.0.2/24', ip6: '2001:db8::2/64' } };
  const net = await lab({ file: file(''), guests });
  await net.ping('a', '2001:db8::2').catch(() => undefined);
  const sent = await net.send('a', packet.udp({ src: '2001:db8::1', dst: '2001:db8::2', srcPort: 5000, dstPort: 7 }));
  const answer = packet.answer(sent.left.find(({ guest }) => guest === 'b')!.frame);
  await net.reload({ file: file('drop udp 9 from one to two, ') });
  expectPacket(await net.send('b', answer)).doesNotReach('a');
  expectPacket(await net.send('b', answer)).reaches('a');
});
