/** Packets in words: what is read from them, and what is said of a mistake. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PacketWordsError } from '../../src/trace/packet-words.ts';
import { parsePacketWords } from '../../src/trace/parse-packet.ts';

/** What is said, without what is not. */
function read(text: string) {
  const { from, kind, source, target, text: _, ...rest } = parsePacketWords(text);
  const end = (each: typeof source) =>
    each === undefined ? undefined : [each.address ?? each.name, ...(each.port === undefined ? [] : [each.port])];
  const said = { from: from.text, kind: kind?.kind, source: end(source), target: end(target), ...rest };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

test.for([
  ['from web1 tcp to 10.0.0.2:80', { from: 'web1', kind: 'tcp', target: ['10.0.0.2', 80] }],
  [
    'from hv1/br0:p3 udp 10.0.0.5:53 to 10.0.0.9:4000',
    { from: 'hv1/br0:p3', kind: 'udp', source: ['10.0.0.5', 53], target: ['10.0.0.9', 4000] },
  ],
  ['from web1 ping 10.0.0.2', { from: 'web1', kind: 'ping', target: ['10.0.0.2'] }],
  [
    'from web1 ping 10.0.0.5 to 10.0.0.2 ttl 1',
    { from: 'web1', kind: 'ping', source: ['10.0.0.5'], target: ['10.0.0.2'], ttl: 1 },
  ],
  ['from p1 arp 10.0.0.1 vlan 5 pcp 3', { from: 'p1', kind: 'arp', target: ['10.0.0.1'], vlan: 5, pcp: 3 }],
  ['from p1 to web2:http', { from: 'p1', target: ['web2', 80] }],
  [
    'from p1 tcp to [2001:DB8::2]:https flags syn,ack',
    { from: 'p1', kind: 'tcp', target: ['2001:db8::2', 443], flags: ['syn', 'ack'] },
  ],
  ['from p1 tcp to 10.0.0.1:80 flags none', { from: 'p1', kind: 'tcp', target: ['10.0.0.1', 80], flags: [] }],
  ['from p1 nd fe80::1', { from: 'p1', kind: 'nd', target: ['fe80::1'] }],
  ['from p1 icmp 10.0.0.1 type 3 code 1', { from: 'p1', kind: 'icmp', target: ['10.0.0.1'], type: 3, code: 1 }],
  [
    'from p1 ip to 10.0.0.1 proto 47 bytes 20 tos 0xb8',
    { from: 'p1', kind: 'ip', target: ['10.0.0.1'], proto: 47, bytes: 20, tos: 184 },
  ],
  [
    'from p1 eth 0x88CC mac 02:00:00:00:00:0A to-mac ff:ff:ff:ff:ff:ff vlan none',
    { from: 'p1', kind: 'eth', etherType: 0x88cc, mac: '02:00:00:00:00:0a', toMac: 'ff:ff:ff:ff:ff:ff', vlan: 'none' },
  ],
] as const)('%s', ([text, said]) => {
  expect(read(text)).toEqual(said);
});

test.for([
  ['', 1, /say first by which port it comes in/],
  ['web1 tcp to 10.0.0.2:80', 1, /say first by which port it comes in/],
  ['from', 5, /a port is missing behind `from`/],
  ['from web1', 10, /what comes in there\? say so: tcp, udp/],
  ['from web1 tcp', 14, /where does it go/],
  ['from web1 tpc to 10.0.0.2:80', 11, /"tpc" is no word of a packet; did you mean tcp\?/],
  ['from web1 tcp 10.0.0.2:80', 15, /say where it goes with `to`: `tcp to 10.0.0.2:80`/],
  ['from web1 10.0.0.2:80', 11, /"10.0.0.2:80" stands behind no word: say `to 10.0.0.2:80`/],
  ['from web1 tcp to 10.0.0.256:80', 18, /"10.0.0.256" is no IPv4 address/],
  ['from web1 tcp to 10.0.0.2:90000', 27, /"90000" is no port/],
  ['from web1 tcp to 10.0.0.2:htttp', 27, /"htttp" is no port.*did you mean http\?/],
  ['from web1 tcp to [10.0.0]:80', 18, /"10.0.0" is no IPv6 address/],
  ['from web1 ping 10.0.0.2:80', 16, /ping has no ports: leave out ":80"/],
  ['from web1 tcp to 10.0.0.2:80 flags sny', 36, /"sny" is no flag of TCP; did you mean syn\?/],
  ['from web1 tcp to 10.0.0.2:80 flags syn,ak', 40, /"ak" is no flag of TCP; did you mean ack\?/],
  ['from web1 udp to 10.0.0.2:80 flags syn', 11, /`flags` is of tcp, not of udp/],
  ['from web1 ping 10.0.0.2 vlan 4096', 30, /`vlan` wants a VLAN from 0 to 4095, or `none`: not "4096"/],
  ['from web1 ping 10.0.0.2 ttl', 25, /`ttl` wants something behind it/],
  ['from web1 ping 10.0.0.2 ttl 256', 29, /`ttl` wants a number from 0 to 255/],
  ['from web1 ping 10.0.0.2 mac 02:00', 29, /"02:00" is no MAC address/],
  ['from web1 tcp udp to 10.0.0.2', 15, /it is tcp already/],
  ['from web1 ping 10.0.0.2 to 10.0.0.3 to 10.0.0.4', 37, /it goes to 10.0.0.3 already/],
  ['from web1 udp 10.0.0.1:5 to [::1]:5', 29, /one address is of IPv4 and the other of IPv6/],
  ['from web1 arp fe80::1', 11, /ARP is of IPv4: say nd/],
  ['from web1 nd 10.0.0.1', 11, /neighbour discovery is of IPv6: say arp/],
  ['from web1 eth 80', 15, /`eth` wants an EtherType, as 0x88cc: not "80"/],
  [`from web1 ping ${'1'.repeat(2000)}`, 1000, /longer than 1000 characters/],
] as const)('%s', ([text, column, message]) => {
  const error = wrongIn(text);
  expect(error?.message).toMatch(message);
  expect(error?.column).toBe(column);
});

function wrongIn(text: string): PacketWordsError | undefined {
  try {
    parsePacketWords(text);
    return undefined;
  } catch (error) {
    if (error instanceof PacketWordsError) return error;
    throw error;
  }
}

test('whatever is said, it is read or a column is named', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'from',
      'web1',
      'tcp',
      'ping',
      'arp',
      'nd',
      'eth',
      'to',
      'vlan',
      'ttl',
      'flags',
      'mac',
      'none',
      '5',
    ),
    fc.constantFrom('10.0.0.1:80', '[::1]:5', '::', 'a:b:c', ':', '[', '[]', '0x88cc', 'syn,,', '999999999999'),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      const text = `from web1 ${words.join(' ')}`;
      const error = wrongIn(text);
      if (error !== undefined) expect(error.column).toBeLessThanOrEqual(text.length + 1);
    }),
    { numRuns: 500 },
  );
});
