/** From words to a packet: where it comes in, and what is taken where the words leave something open. */

import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { describePacket } from '../../src/packet/describe.ts';
import { dissect } from '../../src/packet/dissect.ts';
import type { Knowledge } from '../../src/trace/knowledge.ts';
import { packetOfWords } from '../../src/trace/packet-of-words.ts';
import { parsePacketWords } from '../../src/trace/parse-packet.ts';

const FILE = `
flowloom: 1
hosts: { hv1: {}, hv2: {} }
segments:
  loc: { vlan: 100, subnet: 10.1.0.0/24 }
  net: { vlan: 200, subnet: 10.2.0.0/24 }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/web1: { access: loc, address: 10.1.0.5, mac: "02:00:00:00:01:05" }
      hv1/web2: { access: loc }
      hv1/eth1: { trunk: [loc, net] }
      hv2/eth1: { trunk: [loc, net], native: net }
routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces: { loc: { segment: loc, address: 10.1.0.1/24 }, net: { segment: net, address: 10.2.0.1/24 } }
`;

const port = (number: number, name: string) => ({ number, name, mac: '02:00:00:00:99:99', isLocal: name === 'br0' });

function knowledge(): Knowledge {
  const loaded = parseConfig(FILE, 'f.yaml');
  if (!loaded.ok) throw new Error('the file is wrong');
  const station = { mac: '02:00:00:00:01:07', addresses: ['10.1.0.7', 'fe80::7'], segment: 100, port: 2, isHere: true };
  const ports = [port(1, 'web1'), port(2, 'web2'), port(3, 'eth1'), port(65534, 'br0')];
  const hv1 = { dpid: '01', name: 'hv1/br0', host: 'hv1', bridge: 'br0', ports, stations: [station] };
  const hv2 = { ...hv1, dpid: '02', name: 'hv2/br0', host: 'hv2', ports: [port(1, 'eth1')], stations: [] };
  return { network: loaded.config, switches: [hv1, hv2] };
}

function made(words: string) {
  const { place, frame, taken } = packetOfWords(knowledge(), parsePacketWords(words));
  const { eth } = dissect(frame);
  return {
    at: `${place.at.name}:${place.port.name}`,
    macs: `${eth?.src} ${eth?.dst}`,
    text: describePacket(frame),
    taken,
  };
}

test.for([
  ['web1', 'hv1/br0:web1'],
  ['hv1/web1', 'hv1/br0:web1'],
  ['hv1/br0:2', 'hv1/br0:web2'],
  ['02:eth1', 'hv2/br0:eth1'],
  ['10.1.0.5', 'hv1/br0:web1'],
  ['02:00:00:00:01:07', 'hv1/br0:web2'],
  ['fe80::7', 'hv1/br0:web2'],
  ['hv1', 'hv1/br0:br0'],
] as const)('from %s is %s', ([from, at]) => {
  expect(made(`from ${from} ping 10.1.0.9 vlan none`).at).toBe(at);
});

test.for([
  ['from web3 ping 10.1.0.9', /column 6: there is no port "web3"; did you mean web1\?/],
  ['from eth1 ping 10.1.0.9', /column 6: "eth1" is more than one port: say hv1\/br0:eth1 or hv2\/br0:eth1/],
  ['from 10.1.0.99 ping 10.1.0.9', /column 6: no station 10.1.0.99 is known/],
  ['from web1 ping web9', /column 16: there is no port "web9"/],
  ['from web1 ping hv2/eth1', /column 16: no address of who is behind hv2\/eth1 is known/],
] as const)('%s', ([words, message]) => {
  expect(() => made(words)).toThrow(message);
});

test('a station is known by the file, or by what a switch has learned', () => {
  expect(made('from web1 ping web2')).toEqual({
    at: 'hv1/br0:web1',
    macs: '02:00:00:00:01:05 02:00:00:00:01:07',
    text: 'icmp echo request id 1 seq 1 10.1.0.5 → 10.1.0.7',
    taken: [
      'from MAC 02:00:00:00:01:05: the file has it',
      'from 10.1.0.5: the file has it',
      'to MAC 02:00:00:00:01:07: 10.1.0.7 has it',
    ],
  });
  expect(made('from web2 tcp to 10.2.0.9:80').taken).toEqual([
    'from MAC 02:00:00:00:01:07: learned there',
    'from 10.1.0.7: learned there',
    'to MAC 02:00:00:00:00:fe: 10.2.0.9 is reached by router edge',
  ]);
});

test('a trunk tags what it carries, by the segment of the addresses or the one that is said', () => {
  expect(made('from hv1/eth1 ping 10.2.0.9').text).toBe(
    'vlan 200 · icmp echo request id 1 seq 1 10.2.0.254 → 10.2.0.9',
  );
  expect(made('from hv1/eth1 ping 10.1.0.5').text).toMatch(/^vlan 100 · .* 10\.1\.0\.254 → 10\.1\.0\.5$/);
  expect(made('from hv2/eth1 ping 10.2.0.9').text).toMatch(/^icmp/);
  expect(made('from hv2/eth1 ping 10.2.0.9 vlan 7').text).toMatch(/^vlan 7 · /);
  const { frame } = packetOfWords(knowledge(), parsePacketWords('from hv2/eth1 ping 10.2.0.9 vlan 7 pcp 5'));
  expect(dissect(frame).vlans).toMatchObject([{ vid: 7, priority: 5 }]);
  expect(made('from hv1/eth1 ping 10.1.0.5 vlan none').text).toMatch(/^icmp/);
});

test('groups have their own MAC addresses, and who is not known some other', () => {
  expect(made('from web1 udp to 224.0.0.251:5353').macs).toMatch(/ 01:00:5e:00:00:fb$/);
  expect(made('from web1 udp to [ff02::fb]:5353').macs).toMatch(/ 33:33:00:00:00:fb$/);
  expect(made('from web1 udp to 255.255.255.255:67').macs).toMatch(/ ff:ff:ff:ff:ff:ff$/);
  expect(made('from web1 nd fe80::1:203').macs).toMatch(/ 33:33:ff:01:02:03$/);
  expect(made('from web1 ping 10.1.0.77').taken.at(-1)).toBe(
    'to MAC 02:00:00:00:00:02: nobody with 10.1.0.77 is known',
  );
  expect(made('from web1 arp 10.1.0.1')).toMatchObject({
    macs: '02:00:00:00:01:05 ff:ff:ff:ff:ff:ff',
    text: 'arp who-has 10.1.0.1 tell 10.1.0.5 02:00:00:00:01:05',
  });
});

test('words win over what is known', () => {
  const words =
    'from web1 tcp 10.9.9.9:1 to 10.1.0.7:2 mac 02:00:00:00:0a:0a to-mac 02:00:00:00:0b:0b flags rst ttl 3 bytes 5';
  expect(made(words)).toMatchObject({
    macs: '02:00:00:00:0a:0a 02:00:00:00:0b:0b',
    text: '10.9.9.9:1 → 10.1.0.7:2 tcp rst 5 bytes',
    taken: [],
  });
});
