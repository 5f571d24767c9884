/** The app `nat` on a real Open vSwitch: what its conntrack does with our flows, where a simulated one might do otherwise. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { hexText } from '../../proto/wire/address.ts';
import { answerTo } from '../../src/packet/answer-to.ts';
import { ARP_REQUEST } from '../../src/packet/arp.ts';
import { buildPacket } from '../../src/packet/build.ts';
import { dissect, type Packet } from '../../src/packet/dissect.ts';
import type { PacketLayers } from '../../src/packet/layers.ts';
import { type CaptureTail, openCaptureTail } from '../verdict/capture-tail.ts';
import { type Attached, type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

/** Id of pings that say that what was sent before has come. */
const MARKER = 4711;
const ROUTER = '02:00:00:00:00:fe';

const FILE = (...nat: string[]) => `
flowloom: 1
hosts: { hv1: {} }
segments: { loc: { vlan: 100 }, net: { vlan: 200 } }
bridges:
  br0:
    hosts: [hv1]
    ports: { hv1/p1: { access: loc }, hv1/p2: { access: loc }, hv1/p3: { access: net } }
routers:
  edge:
    host: hv1
    mac: "${ROUTER}"
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      net: { segment: net, address: [192.0.2.1/24, 192.0.2.9/24] }
    routes: [ default via 192.0.2.254 ]
nat:
${nat.map((rule) => `  - ${rule}\n`).join('')}
apps: { table-miss: { action: drop } }
`;

const STATIONS = {
  pc: { port: 'p1', mac: '02:00:00:00:01:10', address: '10.1.0.10', router: '10.1.0.1' },
  web: { port: 'p2', mac: '02:00:00:00:01:11', address: '10.1.0.11', router: '10.1.0.1' },
  peer: { port: 'p3', mac: '02:00:00:00:02:54', address: '192.0.2.254', router: '192.0.2.1' },
};
type Name = keyof typeof STATIONS;
const NAMES = Object.keys(STATIONS) as Name[];

let live: LiveSwitch;
let folder: string;
let apps: Attached | undefined;
let tails: Record<Name, CaptureTail>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-nat-'));
  const captureOf = (port: string) => join(folder, `${port}.pcap`);
  live = await startLiveSwitch(
    ...Object.values(STATIONS).map(({ port }) => ['set', 'interface', port, `options:tx_pcap=${captureOf(port)}`]),
  );
  tails = Object.fromEntries(
    NAMES.map((name) => [name, openCaptureTail(captureOf(STATIONS[name].port))]),
  ) as typeof tails;
});

afterAll(async () => {
  for (const tail of Object.values(tails ?? {})) tail.close();
  await live?.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  apps?.close();
  apps = undefined;
  await live.ofctl('del-flows');
  await live.appctl('dpctl/flush-conntrack');
});

/** Flowloom begins anew with these rules; connections in the switch stay. */
async function rules(...nat: string[]): Promise<void> {
  apps?.close();
  apps = await live.attach(FILE(...nat));
  expect([apps.refused, apps.failures]).toEqual([[], []]);
  await apps.opened();
  for (const { port, mac, address, router } of Object.values(STATIONS)) {
    const arp = { operation: ARP_REQUEST, senderMac: mac, senderAddress: address, targetAddress: router };
    await live.appctl('netdev-dummy/receive', port, hexText(buildPacket({ arp })));
  }
  await until(
    () => live.ofctl('dump-flows', 'table=166'),
    (dump) =>
      Object.values(STATIONS).every(({ mac }) =>
        dump.includes(`0x${mac.replaceAll(':', '').replace(/^0+/, '')}->NXM_OF_ETH_DST`),
      ),
  );
  for (const tail of Object.values(tails)) tail.read();
}

async function inject(from: Name, frame: Uint8Array): Promise<void> {
  await live.appctl('revalidator/purge');
  await live.appctl('netdev-dummy/receive', STATIONS[from].port, hexText(frame));
}

/** IP of a station to the router, with what is above. */
function frame(from: Name, dst: string, layers: PacketLayers): Uint8Array {
  const { mac, address } = STATIONS[from];
  return buildPacket({ eth: { src: mac, dst: ROUTER }, ipv4: { src: address, dst }, ...layers });
}

const udp = (from: Name, dst: string, srcPort: number, dstPort: number) =>
  frame(from, dst, { udp: { srcPort, dstPort }, payload: new Uint8Array(8) });

/** What came to a station of IP, after the frame was sent and before the answer to a ping that was sent then. */
async function through(from: Name, sent: Uint8Array, to: Name): Promise<Uint8Array | undefined> {
  tails[to].read();
  await inject(from, sent);
  const { router } = STATIONS[to];
  const identifier = MARKER;
  await inject(to, frame(to, router, { icmp: { type: 8, identifier, sequence: 1 } }));
  const came: Uint8Array[] = [];
  const isMarker = (each: Uint8Array) => dissect(each).icmp?.identifier === identifier;
  await until(
    () => came.push(...tails[to].read()),
    () => came.some(isMarker),
  );
  return came.findLast((each) => dissect(each).ipv4 !== undefined && !isMarker(each));
}

function ends(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'nothing' : endsOf(dissect(bytes));
}

function endsOf({ ipv4, udp: u, tcp: t }: Packet): string {
  const l4 = u ?? t;
  return l4 === undefined ? `${ipv4!.src} > ${ipv4!.dst}` : `${ipv4!.src}:${l4.srcPort} > ${ipv4!.dst}:${l4.dstPort}`;
}

/** There and back: what arrives, and what the answer arrives as. */
async function roundTrip(from: Name, sent: Uint8Array, to: Name): Promise<string[]> {
  const there = await through(from, sent, to);
  if (there === undefined) return ['nothing'];
  return [ends(there), ends(await through(to, answerTo(there), from))];
}

test('one-to-one, forwards of ranges and hairpin: there and back', async () => {
  await rules(
    'one-to-one 192.0.2.20 with 10.1.0.10',
    'forward udp 192.0.2.9:5001-5006 to 10.1.0.11',
    'forward udp 192.0.2.9:7000-7003 to 10.1.0.11:8000-8003',
    'masquerade 10.1.0.0/24 out edge/net',
  );
  expect(await roundTrip('pc', udp('pc', '192.0.2.254', 99, 53), 'peer')).toEqual([
    '192.0.2.20:99 > 192.0.2.254:53',
    '192.0.2.254:53 > 10.1.0.10:99',
  ]);
  expect(await roundTrip('peer', udp('peer', '192.0.2.20', 4000, 53), 'pc')).toEqual([
    '192.0.2.254:4000 > 10.1.0.10:53',
    '192.0.2.20:53 > 192.0.2.254:4000',
  ]);
  for (let port = 5001; port <= 5006; port++) {
    expect(await roundTrip('peer', udp('peer', '192.0.2.9', 4000, port), 'web')).toEqual([
      `192.0.2.254:4000 > 10.1.0.11:${port}`,
      `192.0.2.9:${port} > 192.0.2.254:4000`,
    ]);
  }
  for (let port = 7000; port <= 7003; port++) {
    expect(await roundTrip('peer', udp('peer', '192.0.2.9', 4000, port), 'web')).toEqual([
      `192.0.2.254:4000 > 10.1.0.11:${port + 1000}`,
      `192.0.2.9:${port} > 192.0.2.254:4000`,
    ]);
  }
  expect(await through('peer', udp('peer', '192.0.2.9', 4000, 5007), 'web')).toBeUndefined();
  // Who has a public address is seen with it on its own segment, too.
  expect(await roundTrip('pc', udp('pc', '192.0.2.9', 4000, 7001), 'web')).toEqual([
    '192.0.2.20:4000 > 10.1.0.11:8001',
    '192.0.2.9:7001 > 10.1.0.10:4000',
  ]);
  expect(await roundTrip('web', udp('web', '192.0.2.20', 4000, 53), 'pc')).toEqual([
    '192.0.2.20:4000 > 10.1.0.10:53',
    '192.0.2.20:53 > 10.1.0.11:4000',
  ]);
});

test('connections of a rule that goes end: the packet that finds it gone is the last of them', async () => {
  const kept = 'forward udp 192.0.2.9:80 to 10.1.0.10';
  await rules(kept, 'forward udp 192.0.2.9:81 to 10.1.0.10', 'masquerade 10.1.0.11/32 out edge/net');
  const old = [udp('peer', '192.0.2.9', 4000, 81), udp('web', '192.0.2.254', 4001, 53)] as const;
  await roundTrip('peer', udp('peer', '192.0.2.9', 4000, 80), 'pc');
  await roundTrip('peer', old[0], 'pc');
  await roundTrip('web', old[1], 'peer');
  await rules(kept, 'forward udp 192.0.2.9:81 to 10.1.0.11', 'snat 10.1.0.11/32 to 192.0.2.50 out edge/net');
  const seen = apps!.packetIns('nat');
  expect(ends(await through('peer', udp('peer', '192.0.2.9', 4000, 80), 'pc'))).toBe('192.0.2.254:4000 > 10.1.0.10:80');
  expect(apps!.packetIns('nat')).toBe(seen);
  expect(await through('peer', old[0], 'pc')).toBeUndefined();
  expect(await through('web', old[1], 'peer')).toBeUndefined();
  // Conntrack has forgotten these two, and just these.
  const tracked = () => live.appctl('dpctl/dump-conntrack');
  await until(tracked, (dump) => !/sport=4000,dport=81/.test(dump) && !/dst=192\.0\.2\.1,sport=53/.test(dump));
  expect(await tracked()).toMatch(/sport=4000,dport=80/);
  expect(await roundTrip('peer', old[0], 'web')).toEqual([
    '192.0.2.254:4000 > 10.1.0.11:81',
    '192.0.2.9:81 > 192.0.2.254:4000',
  ]);
  const [there] = await roundTrip('web', old[1], 'peer');
  expect(there).toMatch(/^192\.0\.2\.50:\d+ > 192\.0\.2\.254:53$/);
});

test('where no port is left nothing leaves, and the controller is told', async () => {
  await rules('masquerade 10.1.0.0/24 out edge/net ports 2000-2001');
  const seen = apps!.packetIns('nat');
  const out = (port: number) => through('pc', udp('pc', '192.0.2.254', port, 53), 'peer');
  const ports = [ends(await out(5000)), ends(await out(5001))].toSorted();
  expect(ports).toEqual(['192.0.2.1:2000 > 192.0.2.254:53', '192.0.2.1:2001 > 192.0.2.254:53']);
  expect(await out(5002)).toBeUndefined();
  await until(
    () => apps!.packetIns('nat'),
    (count) => count === seen + 1,
  );
  const counted = await live.ofctl('dump-flows', 'table=158');
  expect(counted).toMatch(/n_packets=1,.*ct_state=\+new\+trk-snat/);
});

test('ICMP errors come back translated, about what goes out and what comes in', async () => {
  await rules(
    'forward udp 192.0.2.9:53 to 10.1.0.11:5353',
    'one-to-one 192.0.2.20 with 10.1.0.10',
    'masquerade 10.1.0.0/24 out edge/net',
  );
  for (const [from, sent, to, error, back] of [
    [
      'pc',
      udp('pc', '192.0.2.254', 7777, 9),
      'peer',
      '192.0.2.254',
      '192.0.2.254 > 10.1.0.10 about 10.1.0.10:7777 > 192.0.2.254:9',
    ],
    [
      'web',
      udp('web', '192.0.2.254', 7777, 9),
      'peer',
      '192.0.2.254',
      '192.0.2.254 > 10.1.0.11 about 10.1.0.11:7777 > 192.0.2.254:9',
    ],
    [
      'peer',
      udp('peer', '192.0.2.9', 7777, 53),
      'web',
      '10.1.0.11',
      '192.0.2.9 > 192.0.2.254 about 192.0.2.254:7777 > 192.0.2.9:53',
    ],
    [
      'peer',
      udp('peer', '192.0.2.20', 7777, 9),
      'pc',
      '10.1.0.10',
      '192.0.2.20 > 192.0.2.254 about 192.0.2.254:7777 > 192.0.2.20:9',
    ],
  ] as const) {
    const there = (await through(from, sent, to))!;
    const quoted = there.slice(14, 14 + 28);
    const icmp = frame(to, dissect(there).ipv4!.src, { icmp: { type: 3, code: 3 }, payload: quoted });
    expect(dissect(icmp).ipv4!.src).toBe(error);
    const came = (await through(to, icmp, from))!;
    const { ipv4, quoted: about } = dissect(came);
    expect(`${ipv4!.src} > ${ipv4!.dst} about ${endsOf(about!)}`).toBe(back);
  }
});
