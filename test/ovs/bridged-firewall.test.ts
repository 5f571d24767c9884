/** The firewall between ports of one segment on a real ovs-vswitchd: verdicts on the wire, floods, and its own dump. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hexText } from '../../proto/wire/address.ts';
import { dissect } from '../../src/packet/dissect.ts';
import { readCapture } from '../../src/packet/pcap.ts';
import { packet } from '../../src/testing/packet.ts';
import { type Attached, type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

const network = `flowloom: 1
hosts:
  hv1: { underlay: 192.168.50.4 }
  hv2: { underlay: 192.168.50.5 }
segments:
  loc: { vlan: 100, overlay: vxlan }
  dmz: { vlan: 200 }
bridges:
  br0:
    hosts: [hv1, hv2]
    datapath: netdev
    ports:
      hv1/p1: { access: loc }
      hv1/p2: { access: loc }
      hv1/p3: { trunk: [loc, dmz] }
      hv2/q1: { access: loc }
      hv2/q2: { access: loc, mac: "02:00:00:00:00:0c" }
      hv2/q3: { access: loc, address: 10.0.0.13 }
routers:
  edge: { host: hv1, interfaces: { loc: { segment: loc, address: 10.0.0.254/24 } } }
firewall:
  zones: { guests: [hv1/p1, hv2/q1], web: [hv1/p2, hv2/q2, hv2/q3], dmz: [segment dmz], loc: [edge/loc] }
  policy: [guests to guests accept, all to all drop]
  rules:
    - accept http from guests to web
    - reject smtp from guests to web
`;

const vxlan = ['add-port', 'br0', 'vx4789t64', '--', 'set', 'interface', 'vx4789t64', 'type=vxlan'];

const folder = mkdtempSync(join(tmpdir(), 'bridged-firewall-'));
const pcapOf = (port: string) => join(folder, `${port}.pcap`);

let live: LiveSwitch;
beforeAll(async () => {
  const written = ['p1', 'p2'].map((port) => ['set', 'interface', port, `options:tx_pcap=${pcapOf(port)}`]);
  live = await startLiveSwitch([...vxlan, 'options:remote_ip=flow', 'options:key=flow'], ...written);
});
afterAll(async () => {
  await live.stop();
  rmSync(folder, { recursive: true });
});

const MACS = { p1: '02:00:00:00:00:01', p2: '02:00:00:00:00:02', nobody: '02:00:00:00:00:77' };

const tcp = (from: keyof typeof MACS, to: keyof typeof MACS, dstPort: number, flag: 'syn' | 'ack' = 'syn') =>
  packet.layers({
    eth: { src: MACS[from], dst: MACS[to] },
    ipv4: { src: from === 'p1' ? '10.0.0.1' : '10.0.0.2', dst: to === 'p2' ? '10.0.0.2' : '10.0.0.1' },
    tcp: from === 'p1' ? { srcPort: 4000, dstPort, flags: [flag] } : { srcPort: dstPort, dstPort: 4000, flags: [flag] },
  });

const receive = (port: string, frame: Uint8Array) => live.appctl('netdev-dummy/receive', port, hexText(frame));

/** The TCP that the port has sent; besides there are announcements of the router, and the ARP of others. */
function sent(port: string): string[] {
  const capture = readCapture(readFileSync(pcapOf(port)));
  // A frame may be half written.
  const frames = capture.ok ? capture.frames : [];
  return frames.flatMap(({ frame }) => {
    const { tcp } = dissect(frame);
    return tcp === undefined ? [] : [`${tcp.srcPort} ${tcp.dstPort} ${tcp.flags.join('+')}`];
  });
}

/** Packets of all flows with this intent. */
async function counted({ site }: Attached, text: string): Promise<number> {
  const wanted = [...site.woven.flows.values()].filter(({ intent }) => intent.text === text);
  const cookies = wanted.map(({ cookie }) => `cookie=0x${cookie.toString(16)},`);
  const lines = (await live.ofctl('dump-flows'))
    .split('\n')
    .filter((line) => cookies.some((each) => line.includes(each)));
  return lines.reduce((sum, line) => sum + Number(/n_packets=(\d+)/.exec(line)?.[1] ?? 0), 0);
}

async function arp(port: 'p1' | 'p2', address: string): Promise<void> {
  const frame = {
    operation: 1,
    senderMac: MACS[port],
    senderAddress: address,
    targetMac: '00:00:00:00:00:00',
  } as const;
  const layers = { eth: { src: MACS[port], dst: 'ff:ff:ff:ff:ff:ff' }, arp: { ...frame, targetAddress: '10.0.0.99' } };
  await receive(port, packet.layers(layers));
}

test('what a rule accepts reaches the other port, answers come back, the rest does not, and a reset says so', async () => {
  const attached: Attached = await live.attach(network);
  expect([attached.refused, attached.failures]).toEqual([[], []]);
  await attached.opened();
  await until(
    async () => {
      await arp('p1', '10.0.0.1');
      await arp('p2', '10.0.0.2');
      return live.ofctl('dump-flows');
    },
    (dump) => [MACS.p1, MACS.p2].every((mac) => new RegExp(`table=186,.*dl_dst=${mac}`).test(dump)),
  );

  const wait = (port: string, frame: string) =>
    until(
      () => sent(port),
      (frames) => frames.includes(frame),
    );
  await receive('p1', tcp('p1', 'p2', 80));
  await wait('p2', '4000 80 syn');
  await receive('p2', tcp('p2', 'p1', 80, 'ack'));
  await wait('p1', '80 4000 ack');
  const tracked = await live.appctl('dpctl/dump-conntrack');
  expect(tracked).toMatch(/tcp,orig=\(src=10\.0\.0\.1,dst=10\.0\.0\.2,sport=4000,dport=80\).*mark=1/);

  // The reset comes back to who asked, and nothing reaches the other.
  await receive('p1', tcp('p1', 'p2', 25));
  await wait('p1', '25 4000 rst+ack');
  const dropped = await counted(attached, 'all to all drop');
  await receive('p1', tcp('p1', 'p2', 22));
  await until(
    () => counted(attached, 'all to all drop'),
    (count) => count > dropped,
  );
  expect([sent('p1'), sent('p2')]).toEqual([['80 4000 ack', '25 4000 rst+ack'], ['4000 80 syn']]);

  // An unknown station: of the copies only those to the zone that is allowed leave, and over the tunnel those to none.
  const trace = await live.appctl('ofproto/trace', 'br0', 'in_port=p1', hexText(tcp('p1', 'nobody', 80)));
  expect(trace.match(/ct\(zone=\d+\),recirc/g)?.length).toBe(3);

  // Nothing differs from the switch's own dump.
  const flowMods = attached.sent.flowMods;
  await attached.site.reconciler.read();
  expect(attached.sent.flowMods).toBe(flowMods);
  expect(attached.site.reconciler.problems()).toEqual([]);
  attached.close();
  const again = await live.attach(network);
  expect(again.sent).toEqual({ flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 });
  again.close();

  // A drop above gives the accept another number. The answers of its connections are asked about, and go on.
  const changed = await live.attach(
    network.replace('    - accept http', '    - drop udp 9 from guests to web\n    - accept http'),
  );
  await changed.opened();
  const answers = () => sent('p1').filter((frame) => frame === '80 4000 ack').length;
  const answer = async <T>(then: () => T) => {
    await receive('p2', tcp('p2', 'p1', 80, 'ack'));
    return then();
  };
  await until(
    () => answer(() => changed.packetIns('firewall')),
    (count) => count > 0,
  );
  const passed = answers();
  await until(
    () => answer(answers),
    (count) => count > passed,
  );
  expect(changed.failures).toEqual([]);
  changed.close();
});
