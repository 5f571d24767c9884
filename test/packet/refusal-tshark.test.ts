/** tshark finds no fault with what a router says: errors, resets, advertisements, and packets that it has rewritten or cut. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildAdvertisement } from '../../src/packet/advertisement.ts';
import { buildPacket } from '../../src/packet/build.ts';
import { dissect } from '../../src/packet/dissect.ts';
import { fragmentIpv4 } from '../../src/packet/fragment.ts';
import { icmpError } from '../../src/packet/icmp-error.ts';
import type { PacketLayers } from '../../src/packet/layers.ts';
import { writeCapture } from '../../src/packet/pcap.ts';
import { readdress } from '../../src/packet/readdress.ts';
import { buildSolicitation } from '../../src/packet/solicitation.ts';
import { TCP_FLAGS } from '../../src/packet/tcp.ts';
import { tcpReset } from '../../src/packet/tcp-reset.ts';

const eth = { src: '02:00:00:00:00:05', dst: '0e:00:00:00:00:01' };
const port = fc.integer({ min: 1, max: 65_535 });
const word = fc.integer({ min: 0, max: 0xffff_ffff });
const network: fc.Arbitrary<PacketLayers> = fc.oneof(
  fc.record({
    ipv4: fc.record({ src: fc.constant('10.0.0.5'), dst: fc.ipV4().map((ip) => ip.replace(/^\d+/, '20')) }),
  }),
  fc.constant({ ipv6: { src: '2001:db8::5', dst: '2001:db8:1::9' } }),
);
// Ports of protocols that tshark would look for inside are left out by taking high ones.
const high = port.map((each) => 50_000 + (each % 10_000));
const above: fc.Arbitrary<PacketLayers> = fc.oneof(
  fc.record({
    tcp: fc.record({
      ...{ srcPort: high, dstPort: high, sequence: word, acknowledgement: word },
      flags: fc.subarray([...TCP_FLAGS]),
    }),
  }),
  fc.record({ udp: fc.record({ srcPort: high, dstPort: high }) }),
);
const packets = fc.tuple(network, above, fc.uint8Array({ maxLength: 1_300 }));

const KINDS = ['time-exceeded', 'net-unreachable', 'host-unreachable', 'port-unreachable', 'too-big'] as const;

function said(frame: Uint8Array, kind: (typeof KINDS)[number]): Uint8Array[] {
  const isIpv6 = dissect(frame).ipv6 !== undefined;
  const routerAddress = isIpv6 ? '2001:db8::1' : '192.0.2.1';
  const to = {
    src: routerAddress,
    dst: isIpv6 ? '2001:db8::2' : '192.0.2.2',
    srcPort: 50_007,
    dstPort: 50_009,
    ttl: 8,
  };
  const mac = eth.dst;
  return [
    icmpError({ kind, frame, routerMac: mac, routerAddress, mtu: 1_400 }),
    tcpReset(frame, mac),
    readdress(frame, to),
    ...fragmentIpv4(frame, 100),
    buildAdvertisement(mac, '2001:db8::1'),
    buildSolicitation({ mac, src: '2001:db8::1', target: '2001:db8::2' }),
    buildSolicitation({ mac, src: '2001:db8::1', target: '2001:db8::2', lastMac: eth.src }),
  ].filter((each) => each !== undefined);
}

const SUMMED = ['ip', 'tcp', 'udp', 'icmp', 'icmpv6'];
const PREFERENCES = [
  'ip.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  'ip.defragment:FALSE',
  'eth.fcs:Never',
];
const BAD = '0';

test('none is malformed, and no checksum is wrong', async () => {
  const frames = fc
    .sample(fc.tuple(packets, fc.constantFrom(...KINDS)), 300)
    .flatMap(([[below, layers, payload], kind]) => said(buildPacket({ eth, ...below, ...layers, payload }), kind));
  const folder = mkdtempSync(join(tmpdir(), 'flowloom-refusal-'));
  try {
    const file = join(folder, 'frames.pcap');
    writeFileSync(file, writeCapture(frames.map((frame) => ({ frame }))));
    const names = ['_ws.malformed', ...SUMMED.map((each) => `${each}.checksum.status`)];
    const options = [...PREFERENCES.flatMap((each) => ['-o', each]), '-T', 'fields', '-E', 'occurrence=f'];
    const { stdout } = await promisify(execFile)(
      'tshark',
      ['-n', '-r', file, ...options, ...names.flatMap((name) => ['-e', name])],
      { maxBuffer: 1 << 26, env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder } },
    );
    const rows = stdout.split('\n').slice(0, -1);
    expect(rows).toHaveLength(frames.length);
    for (const [i, row] of rows.entries()) {
      const [malformed, ...states] = row.split('\t');
      expect({ frame: frames[i], malformed, bad: states.includes(BAD) }).toEqual({
        ...{ frame: frames[i], malformed: '', bad: false },
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
