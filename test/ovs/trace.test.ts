/** `trace` beside Open vSwitch's own ofproto/trace, and beside what really leaves: tables, flows, frames, verdicts. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hexBytes, hexText } from '../../proto/wire/address.ts';
import type { TracedPacket, TraceReport, TraceRequest } from '../../src/api/trace.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { ConnectedSwitch } from '../../src/control/switches.ts';
import { traceLive } from '../../src/main/trace.ts';
import { answerTo } from '../../src/packet/answer-to.ts';
import { ARP_REQUEST } from '../../src/packet/arp.ts';
import { buildPacket } from '../../src/packet/build.ts';
import { describePacket } from '../../src/packet/describe.ts';
import { dissect } from '../../src/packet/dissect.ts';
import { type CaptureTail, openCaptureTail } from '../verdict/capture-tail.ts';
import { carryOut } from '../verdict/datapath-actions.ts';
import { parseTrace, type Trace } from '../verdict/ofproto-trace.ts';
import { type Attached, type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

const FILE = `
flowloom: 1
hosts: { hv1: {} }
segments:
  loc: { vlan: 100, subnet: 10.1.0.0/24 }
  net: { vlan: 200, subnet: 10.2.0.0/24 }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/p1: { access: loc, address: 10.1.0.5, mac: "02:00:00:00:01:05" }
      hv1/p2: { access: loc }
      hv1/p3: { trunk: [loc, net], native: net }
      hv1/p4: { access: net }
routers:
  edge:
    host: hv1
    interfaces: { loc: { segment: loc, address: 10.1.0.1/24 }, net: { segment: net, address: 10.2.0.1/24 } }
    routes: [ default via 10.2.0.9 ]
nat:
  - masquerade 10.1.0.0/25 out edge/net
  - forward tcp 10.2.0.1:80 to 10.1.0.5:8080
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [ loc to net accept, loc to fw accept, net to all drop ]
  rules:
    - drop telnet from loc to net
    - accept tcp 8080 from net to loc:10.1.0.5
    - accept ssh from net to loc
apps:
  table-miss: { action: drop }
  static-flows:
    flows:
      - { priority: 700, match: { ethType: 0x0800, ipProto: 17, udpDst: 9 }, actions: [drop], intent: discard is closed }
`;

/** Behind the ports, and known to the switch. */
const STATIONS = [
  { port: 'p1', mac: '02:00:00:00:01:05', address: '10.1.0.5', router: '10.1.0.1' },
  { port: 'p2', mac: '02:00:00:00:01:f0', address: '10.1.0.240', router: '10.1.0.1' },
  { port: 'p4', mac: '02:00:00:00:02:09', address: '10.2.0.9', router: '10.2.0.1' },
];

const NAMES = ['p1', 'p2', 'p3', 'p4'];
/** Somebody else's. */
const FOREIGN = 'table=24,priority=60000,udp,tp_dst=7,actions=drop';

/** What is traced from every port; without `to-mac` each is sent to whom it would be. */
const KINDS = [
  'arp 10.1.0.1',
  'arp 10.1.0.240',
  'arp 10.2.0.77',
  'ping 10.1.0.1',
  'ping 10.1.0.5',
  'ping 10.1.0.240',
  'ping 10.2.0.9',
  'ping 198.51.100.9 ttl 1',
  'tcp to 10.1.0.5:22',
  'tcp to 10.1.0.240:22 flags ack',
  'tcp to 10.2.0.9:443',
  'tcp to 10.2.0.9:telnet',
  'tcp to 10.2.0.1:80',
  'tcp 10.1.0.200:5555 to 198.51.100.9:443',
  'udp 10.2.0.9 to 10.1.0.5:53',
  'udp to 10.1.0.240:7 mac 02:00:00:00:01:05',
  'udp 10.1.0.5 to 10.1.0.240:9 mac 02:00:00:00:01:05',
  'udp to 224.0.0.251:5353',
  'udp to [ff02::fb]:5353',
  'nd fe80::1',
  'ip to 10.1.0.240 proto 47 bytes 32',
  'eth 0x88b5 to-mac 02:00:00:00:01:f0',
  'eth 0x88b5',
  'ping 10.1.0.5 vlan 100',
  'ping 10.2.0.9 vlan 200 pcp 5',
  'ping 10.1.0.5 vlan 300',
];
const PACKETS = NAMES.flatMap((port) => KINDS.map((kind) => `from ${port} ${kind}`));

let live: LiveSwitch;
let apps: Attached;
let folder: string;
let captures: { name: string; tail: CaptureTail }[];
/** The datapath's numbers of ports → OpenFlow's. */
const numbers = new Map<number, number>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-trace-'));
  const captureOf = (name: string) => join(folder, `${name}.pcap`);
  live = await startLiveSwitch(
    ...NAMES.map((name) => ['set', 'interface', name, `options:tx_pcap=${captureOf(name)}`]),
  );
  await live.ofctl('add-flow', FOREIGN);
  apps = await live.attach(FILE);
  await apps.opened();
  const shown = await live.appctl('dpif/show');
  for (const [, openflow, data] of shown.matchAll(/^\s+\S+ (\d+)\/(\d+):/gm))
    numbers.set(Number(data), Number(openflow));
  for (const { port, mac, address, router } of STATIONS) {
    const arp = { operation: ARP_REQUEST, senderMac: mac, senderAddress: address, targetAddress: router };
    await inject(port, buildPacket({ arp }));
  }
  const known = () => [...apps.site.stations()].filter(({ addresses }) => addresses.length > 0);
  await until(known, (found) => found.length === STATIONS.length);
  captures = NAMES.map((name) => ({ name, tail: openCaptureTail(captureOf(name)) }));
});

afterAll(async () => {
  for (const { tail } of captures ?? []) tail.close();
  await live?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function inject(port: string, frame: Uint8Array): Promise<void> {
  await live.appctl('revalidator/purge');
  await live.appctl('netdev-dummy/receive', port, hexText(frame));
}

async function traced(request: TraceRequest): Promise<TracedPacket> {
  const { packets, notes } = await report(request);
  expect(notes).toEqual([]);
  return packets[0]!;
}

function report(request: TraceRequest): Promise<TraceReport> {
  const { site, host } = apps;
  const loaded = parseConfig(FILE, 'f.yaml');
  if (!loaded.ok) throw new Error('the file is wrong');
  const connected = { site, state: 'up', reading: 'done' } as ConnectedSwitch;
  const parts = { host, switches: { connected: new Map([[site.dpid, connected]]) } };
  return traceLive({ ...parts, network: () => loaded.config, file: () => 'f.yaml' }, request);
}

/** What ofproto/trace says of the same frame. */
async function real({ ways: [way], frame: { hex } }: TracedPacket, states: string[] = []): Promise<Trace> {
  const next = states.flatMap((state) => ['--ct-next', state]);
  return parseTrace(await live.appctl('ofproto/trace', 'br0', `in_port=${way!.port.number}`, hex, ...next));
}

/** Tables in their order, each with the flow's priority and cookie. */
function tablesOf({ ways: [way] }: TracedPacket): string[] {
  return way!.steps.flatMap(({ flow }) => {
    if (flow === null) return [];
    return [flow.cookie === null ? `${flow.table} none` : `${flow.table} ${flow.priority} ${BigInt(flow.cookie)}`];
  });
}

function realTables({ passes }: Trace): string[] {
  return passes.flatMap(({ steps }) =>
    steps.map(({ table, flow }) => {
      const priority = /priority (\d+)/.exec(flow)?.[1] ?? (/^No match/.test(flow) ? undefined : '32768');
      const cookie = /cookie (0x[0-9a-f]+)/.exec(flow)?.[1] ?? '0';
      return priority === undefined ? `${table} none` : `${table} ${priority} ${BigInt(cookie)}`;
    }),
  );
}

/** Frames in hexadecimal digits by port. */
function framesOf({ verdict }: TracedPacket): Record<number, string[]> {
  const frames: Record<number, string[]> = {};
  for (const { port, frame } of verdict?.deliveries ?? [])
    frames[port.number] = [...(frames[port.number] ?? []), frame.hex];
  return frames;
}

const isTranslated = ({ passes }: Trace) =>
  passes.some(({ datapathActions }) => /nat\((src|dst)/.test(datapathActions));

test('tables, flows, frames and what goes to the controller are those of ofproto/trace', {
  timeout: 120_000,
}, async () => {
  const counts = { compared: 0, delivered: 0, dropped: 0, answered: 0, controller: 0 };
  for (const words of PACKETS) {
    const packet = await traced({ words });
    expect(packet.problem, words).toBeNull();
    const trace = await real(packet);
    // Its next pass goes on with the addresses that were there before NAT.
    if (isTranslated(trace)) continue;
    expect(tablesOf(packet), `${words}\n${trace.text}`).toEqual(realTables(trace));
    const carried = carryOut(trace, hexBytes(packet.frame.hex)!);
    const byPort = Object.entries(carried.frames).map(([port, frames]) => [numbers.get(Number(port)), frames]);
    expect(framesOf(packet), `${words}\n${trace.text}`).toEqual(Object.fromEntries(byPort));
    const asks = packet.ways[0]!.steps.some(({ kind }) => kind === 'controller');
    expect(asks, words).toBe(carried.toController.length > 0);
    counts.compared++;
    const { kind } = packet.verdict!;
    if (kind !== 'controller') counts[kind]++;
    // Some of what is dropped goes there as well, so that its sender is told.
    if (asks) counts.controller++;
  }
  expect(counts.compared).toBeGreaterThan(PACKETS.length / 2);
  expect(Math.min(counts.delivered, counts.dropped, counts.answered, counts.controller)).toBeGreaterThan(0);
});

test('with the states of a connection that are given, too', async () => {
  for (const state of ['trk,est', 'trk,inv', 'trk,est,rpl', 'trk,rel']) {
    const packet = await traced({ words: 'from p2 tcp to 10.2.0.9:443 flags ack', ctNext: [state, state, state] });
    const trace = await real(packet, [state, state, state]);
    if (isTranslated(trace)) throw new Error('it must not be translated');
    expect(tablesOf(packet), trace.text).toEqual(realTables(trace));
  }
});

test('what really leaves is what was foretold, translated connections and their answers too', {
  timeout: 120_000,
}, async () => {
  const cases = [
    { words: 'from p1 tcp to 10.2.0.9:443', takesPort: true },
    { words: 'from p1 udp to 198.51.100.9:53', takesPort: true },
    { words: 'from p1 ping 10.2.0.9', takesPort: false },
    { words: 'from p4 tcp to 10.2.0.1:80', takesPort: false },
    { words: 'from p2 tcp to 10.2.0.9:8443', takesPort: false },
    { words: 'from p2 tcp to 10.2.0.9:telnet', takesPort: false },
  ];
  for (const { words, takesPort } of cases) {
    await live.appctl('dpctl/flush-conntrack');
    const [packet, answer] = (await report({ words, reply: true })).packets;
    const foretold = told(packet!, takesPort);
    const really = await sent(packet!.port, hexBytes(packet!.frame.hex)!, foretold.length);
    expect(
      really.map(({ name, frame }) => line(name, describePacket(frame), takesPort)),
      words,
    ).toEqual(foretold);
    if (packet!.verdict?.kind !== 'delivered') continue;
    // The answer to what really left, which has another port where one was translated.
    const answers = told(answer!, false);
    const back = await sent(answer!.port, answerTo(really[0]!.frame), answers.length);
    expect(
      back.map(({ name, frame }) => line(name, describePacket(frame), false)),
      `${words}: its answer`,
    ).toEqual(answers);
  }
});

function told({ verdict }: TracedPacket, takesPort: boolean): string[] {
  return (verdict?.deliveries ?? []).map(({ port, frame }) => line(port.name, frame.text, takesPort));
}

/** `takesPort`: NAT took one of many, each switch another. */
function line(port: string, text: string, takesPort: boolean): string {
  return `${port}: ${takesPort ? text.replace(/^([\d.]+):\d+/, '$1:any') : text}`;
}

/** What leaves for a frame that comes in, without what Flowloom sends by itself; at least so many are waited for. */
async function sent(port: string, frame: Uint8Array, count: number): Promise<{ name: string; frame: Uint8Array }[]> {
  for (const { tail } of captures) tail.read();
  await inject(port, frame);
  await live.appctl('revalidator/wait');
  const found: { name: string; frame: Uint8Array }[] = [];
  await until(
    () => {
      for (const { name, tail } of captures)
        for (const each of tail.read()) if (!isByItself(each)) found.push({ name, frame: each });
      return found.length;
    },
    (seen) => seen >= count,
  );
  return found;
}

/** The topology's probes, and announcements of the router's addresses. */
function isByItself(frame: Uint8Array): boolean {
  const { lldp, arp } = dissect(frame);
  return lldp !== undefined || (arp !== undefined && arp.senderAddress === arp.targetAddress);
}
