/** One-to-one of whole IPv6 prefixes in a lab: both ways, what errors quote, and hairpin. */

import { describe, expect, test } from 'vitest';
import { dissect } from '../../../src/packet/dissect.ts';
import { quotedBy } from '../../../src/packet/readdress-quoted.ts';
import { wrongChecksums } from '../../../src/packet/wrong-checksums.ts';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = (firewall: string) => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, dmz: { vlan: 20 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/mac: { access: loc }
      hv1/web: { access: dmz }
      hv1/peer: { access: net }
routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces:
      loc: { segment: loc, address: "fd00:1::1/64" }
      dmz: { segment: dmz, address: "fd00:1:0:1::1/64" }
      net: { segment: net, address: "2001:db8::1/48" }
nat:
  - one-to-one 2001:db8:0:10::/63 with fd00:1::/63
${firewall}`;

const stations = {
  pc: { ip: '10.1.0.10/24', ip6: 'fd00:1::10/64', gateway6: 'fd00:1::1' },
  mac: { ip: '10.1.0.11/24', ip6: 'fd00:1::11/64', gateway6: 'fd00:1::1' },
  web: { ip: '10.2.0.10/24', ip6: 'fd00:1:0:1::10/64', gateway6: 'fd00:1:0:1::1' },
  peer: { ip: '10.3.0.10/24', ip6: '2001:db8::10/48', gateway6: '2001:db8::1' },
};
const PUBLIC = { pc: '2001:db8:0:10::10', mac: '2001:db8:0:10::11', web: '2001:db8:0:11::10' };
const ROUTER = { eth: { dst: '02:00:00:00:00:fe' } };

async function network(firewall: string): Promise<Lab> {
  const net = await lab({ file: file(firewall), guests: stations });
  for (const [guest, { gateway6 }] of Object.entries(stations)) await net.ping(guest, gateway6);
  return net;
}

function frameAt({ left }: Awaited<ReturnType<Lab['send']>>, guest: string): Uint8Array {
  return left.findLast((each) => each.guest === guest)!.frame;
}

/** "Packet too big" about a frame that came to the guest, as a router behind it says. */
function tooBig(frame: Uint8Array, src: string): Uint8Array {
  const { eth, ipv6 } = dissect(frame);
  return packet.layers({
    eth: { src: eth!.dst, dst: '02:00:00:00:00:fe' },
    ipv6: { src, dst: ipv6!.src },
    icmpv6: { type: 2, code: 0, rest: 1280 },
    payload: frame.slice(14, 14 + 600),
  });
}

describe.each([
  [
    'beside a firewall',
    'firewall:\n  zones: { in: [edge/loc, edge/dmz], net: [edge/net] }\n  policy: [all to all accept]\n',
  ],
  ['alone', ''],
] as const)('one-to-one of prefixes %s', (_, firewall) => {
  test('both ways, and what errors quote', async () => {
    const net = await network(firewall);
    const out = packet.udp({
      src: 'fd00:1::10',
      dst: '2001:db8::10',
      srcPort: 9,
      dstPort: 53,
      payload: 'x'.repeat(900),
      ...ROUTER,
    });
    const there = await net.send('pc', out);
    expectPacket(there).reaches('peer', { ipv6: { src: PUBLIC.pc, dst: '2001:db8::10' } });
    const back = await net.send('peer', packet.answer(frameAt(there, 'peer')));
    expectPacket(back).reaches('pc', { ipv6: { src: '2001:db8::10', dst: 'fd00:1::10' } });
    // From a router on the way: the station knows its own packet.
    const error = frameAt(await net.send('peer', tooBig(frameAt(there, 'peer'), '2001:db8::77')), 'pc');
    expect(dissect(error).ipv6).toMatchObject({ src: '2001:db8::77', dst: 'fd00:1::10' });
    expect(quotedBy(error)).toEqual({ src: 'fd00:1::10', dst: '2001:db8::10' });
    expect(wrongChecksums(dissect(error))).toEqual([]);
    // And the other way.
    const into = packet.tcp({
      src: '2001:db8::10',
      dst: PUBLIC.web,
      srcPort: 9,
      dstPort: 80,
      payload: 'x'.repeat(900),
      ...ROUTER,
    });
    const came = await net.send('peer', into);
    expectPacket(came).reaches('web', { ipv6: { dst: 'fd00:1:0:1::10' } });
    const told = frameAt(await net.send('web', tooBig(frameAt(came, 'web'), 'fd00:1:0:1::10')), 'peer');
    expect(dissect(told).ipv6).toMatchObject({ src: PUBLIC.web, dst: '2001:db8::10' });
    expect(quotedBy(told)).toEqual({ src: '2001:db8::10', dst: PUBLIC.web });
    expect(wrongChecksums(dissect(told))).toEqual([]);
    expect(net.appCounters('nat').errors).toBe(2);
  });

  test('hairpin, on one segment and between two', async () => {
    const net = await network(firewall);
    for (const to of ['mac', 'web'] as const) {
      const sent = packet.tcp({ src: 'fd00:1::10', dst: PUBLIC[to], srcPort: 4000, dstPort: 80, ...ROUTER });
      const there = await net.send('pc', sent);
      expectPacket(there)
        .reaches(to, { ipv6: { src: PUBLIC.pc }, tcp: { srcPort: 4000 } })
        .doesNotReach('peer');
      const back = await net.send(to, packet.answer(frameAt(there, to)));
      expectPacket(back).reaches('pc', { ipv6: { src: PUBLIC[to], dst: 'fd00:1::10' }, tcp: { dstPort: 4000 } });
    }
  });
});

test('what the router refuses or cannot pass on is told of the address that was asked for', async () => {
  const net = await network(
    'firewall:\n  zones: { in: [edge/loc, edge/dmz], net: [edge/net] }\n  policy: [all to fw accept, in to net accept, all to all reject]\n',
  );
  const to = { src: '2001:db8::10', dst: PUBLIC.pc, srcPort: 9, dstPort: 80, ...ROUTER };
  const reset = await net.send('peer', packet.tcp({ ...to, flags: ['syn'] }));
  expectPacket(reset).reaches('peer', { ipv6: { src: PUBLIC.pc }, tcp: { flags: ['rst', 'ack'], srcPort: 80 } });
  const refused = await net.send('peer', packet.udp(to));
  expect(quotedBy(frameAt(refused, 'peer'))).toEqual({ src: '2001:db8::10', dst: PUBLIC.pc });
  const ended = await net.send('peer', packet.udp({ ...to, ttl: 1 }));
  expect(quotedBy(frameAt(ended, 'peer'))).toEqual({ src: '2001:db8::10', dst: PUBLIC.pc });
  expect(wrongChecksums(dissect(frameAt(ended, 'peer')))).toEqual([]);
});
