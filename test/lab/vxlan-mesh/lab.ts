// Three hosts, one segment each over VXLAN, Geneve and GRE in full mesh; a fourth host joins by one line of the file.
import { readFileSync } from 'node:fs';
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { type Flowloom, reload, startFlowloom, status } from '../support/flowloom.ts';
import { dumpFlows } from '../support/flows.ts';
import { addGuest, macOf } from '../support/guest.ts';
import { type OpenVSwitch, startHost, vsctl } from '../support/host.ts';
import { inside, type Lab, type LabDefinition, type Namespace } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { told } from '../support/shell.ts';
import { curl, expectNoPings, expectPings, ping, startPing, startWeb, stopPing } from '../support/traffic.ts';
import { addUnderlay, joinUnderlay, startUnderlay } from '../support/underlay.ts';
import { until } from '../support/wait.ts';

/** A segment of the file, what it looks like on the underlay, and the MTU that 1500 bytes there leave to it. */
interface Mesh {
  segment: string;
  /** The tunnel port that leads to a host, by its number. */
  tunnel(host: number): string;
  filter: string;
  wire: RegExp;
  mtu: number;
}

const MESHES: Mesh[] = [
  {
    segment: 'vx',
    tunnel: () => 'vx4789t64',
    filter: 'udp port 4789',
    wire: /192\.168\.50\.\d\.\d+ > 192\.168\.50\.\d\.4789: VXLAN.* vni 5000\b/,
    mtu: 1450,
  },
  {
    segment: 'gn',
    tunnel: (host) => `gnc0a8320${host}p4ox`,
    filter: 'udp port 6081',
    wire: /192\.168\.50\.\d\.\d+ > 192\.168\.50\.\d\.6081: .*Geneve.* vni 0x1388\b/,
    mtu: 1450,
  },
  {
    segment: 'gr',
    tunnel: () => 'grt64',
    filter: 'ip proto 47',
    wire: /proto GRE \(47\).* 192\.168\.50\.\d > 192\.168\.50\.\d: GREv0, .*key=0x1388\b/,
    mtu: 1458,
  },
];
const BROADCASTS = 5;
const BIG = 4_000_000;
const HV4 = '  hv4: { ovsdb: "tcp:10.250.0.14:6640", underlay: 192.168.50.4 }\n';

/** Stations by segment, in the order of their hosts: station N has 10.10.0.N on every segment. */
type Stations = Map<string, Namespace[]>;

export const lab: LabDefinition = {
  title: 'three hosts, segments in full mesh over VXLAN, Geneve and GRE; a fourth joins by one line',
  async run(lab) {
    await startControl(lab);
    const underlay = await startUnderlay(lab);
    const numbers = [1, 2, 3, 4];
    const hosts = await Promise.all(numbers.map((number) => startHost(lab, `hv${number}`, 'tcp')));
    for (const host of hosts) await joinUnderlay(underlay, host);
    const stations: Stations = new Map();
    for (const { segment } of MESHES)
      stations.set(segment, await Promise.all(hosts.map((host, i) => addStation(lab, host, segment, i + 1))));
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0', 'hv2/br0', 'hv3/br0']);
    const three = hosts.slice(0, 3);
    for (const [index, host] of three.entries()) await addUnderlay(host, 'br-phy', `192.168.50.${index + 1}`);

    for (const mesh of MESHES) {
      const guests = (stations.get(mesh.segment) ?? []).slice(0, 3);
      await untilJoined(guests);
      await checkReach(lab, mesh, three, guests);
      await checkBroadcast(lab, mesh, three, guests);
      await checkLearned(lab, mesh, three, guests, flowloom);
      await checkSize(lab, mesh, three, flowloom, stations.get(mesh.segment) ?? []);
    }
    await checkApart(lab, stations);
    await checkEveryLab(lab, flowloom, await everyLab(lab, stations));
    await checkLiveness(lab, three, flowloom);
    await checkOwnPorts(lab, three, flowloom);
    await checkFourth(lab, hosts, flowloom, stations);
    await checkIpv6(lab, hosts, flowloom, stations);
    const bridges = hosts.map((host): [OpenVSwitch, string] => [host, 'br0']);
    const [from] = stations.get('gn') ?? [];
    if (from !== undefined) await checkSecondStart(lab, { flowloom, recording, bridges, from, to: '10.10.0.4' });
  },
};

function addStation(lab: Lab, host: OpenVSwitch, segment: string, number: number): Promise<Namespace> {
  return addGuest(lab, host, `${segment}${number}`, { device: segment, addresses: [`10.10.0.${number}/24`] });
}

const addressOf = (index: number) => `10.10.0.${index + 1}`;

/** Every station has an answer of every other. */
async function untilJoined(guests: Namespace[]): Promise<void> {
  for (const from of guests) {
    for (const [index, to] of guests.entries()) {
      if (to === from) continue;
      const answers = async () => (await ping(from, addressOf(index), { count: 1 })).received === 1;
      await until(`${from.name} reaches ${to.name}`, answers);
    }
  }
}

async function checkReach(lab: Lab, mesh: Mesh, hosts: OpenVSwitch[], guests: Namespace[]): Promise<void> {
  const [hv1] = hosts;
  const [first] = guests;
  if (hv1 === undefined || first === undefined) return;
  await check(
    lab,
    `${mesh.segment}: all reach each other; the underlay carries ${mesh.filter} with the number`,
    async () => {
      const seen = await startCapture(lab, hv1.namespace, 'eth1', 'not arp');
      for (const from of guests) {
        for (const [index, to] of guests.entries()) if (to !== from) await expectPings(from, addressOf(index));
      }
      const last = /10\.10\.0\.1 > 10\.10\.0\.3: ICMP echo reply/;
      await untilSeen(seen, last);
      const inner = (await stopCapture(seen)).filter((frame) => /10\.10\.0\.\d+: ICMP/.test(frame));
      for (const frame of inner) expect(mesh.wire.test(frame), `not ${mesh.filter}:`, () => frame);
      expect(inner.length >= 24, 'four times three pings and answers', () => inner.join('\n'));
    },
  );
}

/** What of a broadcast ping's requests went by, by their numbers: `1: 2` says that number 1 came twice. */
function requests(frames: string[]): string {
  const counts = new Map<string, number>();
  for (const frame of frames) {
    const number = /> 10\.10\.0\.255: ICMP echo request.*seq (\d+)/.exec(frame)?.[1];
    if (number !== undefined) counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return [...counts].map(([number, count]) => `${number}: ${count}`).join(', ');
}

const each = (count: number) => Array.from({ length: BROADCASTS }, (_, i) => `${i + 1}: ${count}`).join(', ');

/** A broadcast of the last station arrives once at each other; the sender's host sends it once to each other host. */
async function checkBroadcast(lab: Lab, mesh: Mesh, hosts: OpenVSwitch[], guests: Namespace[]): Promise<void> {
  const from = guests.at(-1);
  const home = hosts.at(-1);
  if (from === undefined || home === undefined) return;
  const name = `${mesh.segment}: a broadcast reaches ${guests.length - 1} others once each, and goes no further (split horizon)`;
  await check(lab, name, async () => {
    const others = guests.slice(0, -1);
    const atGuests = await Promise.all(others.map((guest) => startCapture(lab, guest, 'eth0', 'icmp')));
    const atHosts = await Promise.all(hosts.map((host) => startCapture(lab, host.namespace, 'eth1', mesh.filter)));
    await ping(from, '10.10.0.255', { count: BROADCASTS, flags: ['-b', '-W', '0.1'] });
    // Frames come in order: what the broadcasts caused is there before the answers to these.
    for (const index of others.keys()) await expectPings(from, addressOf(index), { count: 1 });
    for (const [index, capture] of atGuests.entries()) {
      const frames = await untilSeen(capture, /ICMP echo reply/);
      expect(requests(frames) === each(1), `${others[index]?.name} got`, () => requests(frames));
    }
    for (const [index, host] of hosts.entries()) {
      const capture = atHosts[index];
      if (capture === undefined) continue;
      const frames = await untilSeen(capture, /ICMP echo reply/);
      const wanted = host === home ? others.length : 1;
      expect(requests(frames) === each(wanted), `${host.namespace.name} sent or got`, () => requests(frames));
      const foreign = frames.filter((frame) => /10\.10\.0\.255: ICMP/.test(frame) && !sentBy(hosts.length).test(frame));
      expect(foreign.length === 0, `not from ${home.namespace.name}:`, () => foreign.join('\n'));
    }
    await Promise.all([...atGuests, ...atHosts].map(stopCapture));
  });
}

const sentBy = (number: number) => new RegExp(`192\\.168\\.50\\.${number}[. ].*> 192\\.168\\.50\\.`);

async function checkLearned(
  lab: Lab,
  { segment, tunnel }: Mesh,
  hosts: OpenVSwitch[],
  guests: Namespace[],
  flowloom: Flowloom,
): Promise<void> {
  const macs = await Promise.all(guests.map((guest) => macOf(guest)));
  const name = `${segment}: each switch has learned every MAC, those of others behind the right host; status tells it`;
  await check(lab, name, async () => {
    for (const [here, host] of hosts.entries()) {
      const flows = await dumpFlows(host, 'br0');
      for (const [there, mac] of macs.entries()) {
        const learned = flows.filter(({ match, actions }) => match.includes(`dl_dst=${mac}`) && /REG2/.test(actions));
        const device = there === here ? segment : tunnel(there + 1);
        const port = Number(await vsctl(host, 'get', 'interface', device, 'ofport')).toString(16);
        const peer = `load:0xc0a8320${there + 1}->NXM_NX_REG3[]`;
        const [flow] = learned;
        const right =
          learned.length === 1 &&
          flow?.actions.includes(`load:0x${port}->NXM_NX_REG2[`) === true &&
          flow.actions.includes(peer) === (there !== here);
        expect(right, `${host.namespace.name} on ${mac}`, () => learned.map(({ text }) => text).join('\n'));
      }
    }
    const wanted = hosts.flatMap((_, here) =>
      macs.map((mac, there) => `hv${here + 1}/br0 ${mac} ${there === here ? null : `hv${there + 1}`}`),
    );
    await until('status tells the same', async () => {
      const { stations } = await status(flowloom);
      const told = new Set(stations.map((each) => `${each.switch} ${each.mac} ${each.peerHost}`));
      return wanted.every((line) => told.has(line));
    });
  });
}

async function checkSize(
  lab: Lab,
  mesh: Mesh,
  hosts: OpenVSwitch[],
  flowloom: Flowloom,
  guests: Namespace[],
): Promise<void> {
  const [hv1] = hosts;
  const [first, second] = guests;
  if (hv1 === undefined || first === undefined || second === undefined) return;
  const { segment, mtu } = mesh;
  await check(
    lab,
    `${segment}: status tells MTU ${mtu}; TCP in packets of that size passes and fills the underlay`,
    async () => {
      const found = (await status(flowloom)).segments.find(({ name }) => name === segment);
      expect(
        found?.mtu === mtu && /has MTU 1500, less/.test(found.mtuReason ?? ''),
        `status says ${JSON.stringify(found)}`,
      );
      for (const guest of guests) await inside(guest, ['ip', 'link', 'set', 'eth0', 'mtu', String(mtu)]);
      await expectPings(first, '10.10.0.2', { flags: ['-M', 'do', '-s', String(mtu - 28)] });
      await startWeb(lab, second, 80);
      const seen = await startCapture(lab, hv1.namespace, 'eth1', `${mesh.filter} and greater 1514`);
      const outcome = await curl(first, `http://10.10.0.2/bytes/${BIG}`, '-o', '/dev/null', '-w', '%{size_download}');
      expect(outcome.code === 0 && outcome.stdout === String(BIG), 'the download failed', () => told(outcome));
      await untilSeen(seen, /length 1514: /);
      const larger = (await stopCapture(seen)).filter((frame) => !/length 1514: /.test(frame));
      expect(larger.length === 0, 'larger than the underlay takes:', () => larger.slice(0, 5).join('\n'));
    },
  );
}

async function checkApart(lab: Lab, stations: Stations): Promise<void> {
  await check(lab, 'a broadcast on one of the three segments comes to none of the others', async () => {
    const [vx1, vx2] = stations.get('vx') ?? [];
    const others = ['gn', 'gr'].flatMap((segment) => (stations.get(segment) ?? []).slice(0, 3));
    if (vx1 === undefined || vx2 === undefined) return;
    const mac = await macOf(vx1);
    const seen = await Promise.all(others.map((guest) => startCapture(lab, guest, 'eth0')));
    await ping(vx1, '10.10.0.255', { count: 2, flags: ['-b', '-W', '0.1'] });
    for (const [index, guest] of others.entries()) {
      const capture = seen[index];
      if (capture === undefined) continue;
      await expectPings(guest, guest.name.endsWith('1') ? '10.10.0.2' : '10.10.0.1', { count: 1 });
      const frames = await untilSeen(capture, /ICMP echo reply/);
      const leaked = frames.filter((frame) => frame.includes(mac));
      expect(leaked.length === 0, `${guest.name} got`, () => leaked.join('\n'));
      await stopCapture(capture);
    }
  });
}

async function checkLiveness(lab: Lab, hosts: OpenVSwitch[], flowloom: Flowloom): Promise<void> {
  const [hv1, , hv3] = hosts;
  if (hv1 === undefined || hv3 === undefined) return;
  /** What hv1 says of its tunnels to hv2 and hv3. */
  const states = async () => {
    const ports = (await status(flowloom)).hosts[0]?.interfaces.filter(({ type }) => type === 'geneve') ?? [];
    return ports
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ bfd }) => bfd)
      .join(' ');
  };
  await check(
    lab,
    'gn: status tells which tunnel is alive (BFD), when a host loses its uplink and when it is back',
    async () => {
      await until('both tunnels are up', async () => (await states()) === 'up up', 10);
      await inside(hv3.namespace, ['ip', 'link', 'set', 'eth1', 'down']);
      await until('that to hv3 is down, the other is not', async () => (await states()) === 'up down', 10).finally(() =>
        inside(hv3.namespace, ['ip', 'link', 'set', 'eth1', 'up']),
      );
      await until('both are up again', async () => (await states()) === 'up up', 10);
    },
  );
}

async function checkOwnPorts(lab: Lab, hosts: OpenVSwitch[], flowloom: Flowloom): Promise<void> {
  const mtus = async () => {
    const found = hosts.map((host) => inside(host.namespace, ['cat', '/sys/class/net/own/mtu']));
    return (await Promise.all(found)).map((text) => text.trim()).join(' ');
  };
  await check(
    lab,
    'ports that Flowloom makes have the MTU of their segment on every host, and follow the least underlay',
    async () => {
      await until('1450 everywhere', async () => (await mtus()) === '1450 1450 1450');
      const [, hv2] = hosts;
      if (hv2 === undefined) return;
      await inside(hv2.namespace, ['ip', 'link', 'set', 'eth1', 'mtu', '1400']);
      await until('1350 everywhere', async () => (await mtus()) === '1350 1350 1350');
      const reason = (await status(flowloom)).segments[0]?.mtuReason;
      expect(reason?.startsWith('hv2/br-phy has MTU 1400, less 50 for VXLAN') === true, `status says ${reason}`);
      await inside(hv2.namespace, ['ip', 'link', 'set', 'eth1', 'mtu', '1500']);
      await until('1450 again', async () => (await mtus()) === '1450 1450 1450');
      // Each time once, nothing to and fro.
      const written = (await status(flowloom)).hosts.map(({ changes }) =>
        changes.filter((line) => /mtu_request/.test(line)),
      );
      expect(
        written.every((lines) => lines.length === 3),
        'changes of mtu_request:',
        () => JSON.stringify(written),
      );
    },
  );
}

async function checkFourth(lab: Lab, hosts: OpenVSwitch[], flowloom: Flowloom, stations: Stations): Promise<void> {
  const [vx1] = stations.get('vx') ?? [];
  const hv4 = hosts[3];
  if (vx1 === undefined || hv4 === undefined) return;
  const before = readFileSync(flowloom.file, 'utf8');
  const running = await startPing(lab, vx1, '10.10.0.2', 0.02);
  reload(
    flowloom,
    before.replace(/^ {2}hv3: .*\n/m, (line) => `${line}${HV4}`),
  );
  flowloom.switches.push('hv4/br0');
  await addUnderlay(hv4, 'br-phy', '192.168.50.4');
  for (const guests of stations.values()) await untilJoined(guests);
  await check(lab, 'a fourth host joins by one line of the file; no ping of the others is lost', () =>
    stopPing(running),
  );
  for (const mesh of MESHES) {
    const guests = stations.get(mesh.segment) ?? [];
    await checkBroadcast(lab, mesh, hosts, guests);
    await checkLearned(lab, mesh, hosts, guests, flowloom);
  }
}

/** The file's underlay addresses become IPv6 ones, which the administrator has given to the hosts. */
async function checkIpv6(lab: Lab, hosts: OpenVSwitch[], flowloom: Flowloom, stations: Stations): Promise<void> {
  for (const [index, { namespace }] of hosts.entries()) {
    await inside(namespace, ['sysctl', '-q', '-w', 'net.ipv6.conf.br-phy.disable_ipv6=0']);
    await inside(namespace, ['ip', 'address', 'add', `fd00:50::${index + 1}/64`, 'dev', 'br-phy', 'nodad']);
  }
  const before = readFileSync(flowloom.file, 'utf8');
  reload(flowloom, before.replaceAll(/192\.168\.50\.(\d)/g, '"fd00:50::$1"'));
  for (const { segment, mtu } of MESHES) {
    const guests = stations.get(segment) ?? [];
    const [first, ...others] = guests;
    const [hv1] = hosts;
    if (first === undefined || hv1 === undefined) continue;
    const less = mtu - 20;
    const name = `${segment}: the same over an IPv6 underlay, by reload; MTU ${less}`;
    await check(lab, name, async () => {
      const told = async () => (await status(flowloom)).segments.find((each) => each.name === segment)?.mtu;
      await until(`status tells MTU ${less}`, async () => (await told()) === less);
      await untilJoined(guests);
      const seen = await startCapture(lab, hv1.namespace, 'eth1', 'udp or ip6 proto 47 or ip proto 47');
      const atGuests = await Promise.all(others.map((guest) => startCapture(lab, guest, 'eth0', 'icmp')));
      await ping(first, '10.10.0.255', { count: BROADCASTS, flags: ['-b', '-W', '0.1'] });
      await inside(first, ['ip', 'link', 'set', 'eth0', 'mtu', String(less)]);
      for (const index of others.keys()) {
        await expectPings(first, addressOf(index + 1), { count: 1, flags: ['-M', 'do', '-s', String(less - 28)] });
      }
      for (const [index, capture] of atGuests.entries()) {
        const frames = await untilSeen(capture, /ICMP echo reply/);
        expect(requests(frames) === each(1), `${others[index]?.name} got`, () => requests(frames));
      }
      const inner = (await untilSeen(seen, /ICMP echo reply/)).filter((frame) => /10\.10\.0\.\d+: ICMP/.test(frame));
      const foreign = inner.filter((frame) => !/fd00:50::\d(\.\d+)? > fd00:50::\d/.test(frame));
      expect(foreign.length === 0, 'not over IPv6:', () => foreign.join('\n'));
      await until('status tells behind which hosts the others are', async () => {
        const { stations: known } = await status(flowloom);
        const peers = known.filter(
          (one) => one.segment === segment && one.switch === 'hv1/br0' && one.peerHost !== null,
        );
        return peers.length === 3 && peers.every(({ peer, peerHost }) => peer === `fd00:50::${peerHost?.at(-1)}`);
      });
      // The pings of that size filled the underlay just so.
      expect(
        inner.some((frame) => /length 1514: /.test(frame)),
        'no frame of 1514 bytes:',
        () => inner.join('\n'),
      );
      await Promise.all([seen, ...atGuests].map(stopCapture));
    });
  }
}

async function everyLab(lab: Lab, stations: Stations): Promise<EveryLab> {
  const [gn1] = stations.get('gn') as [Namespace];
  const [gr1] = stations.get('gr') as [Namespace];
  const mac = await macOf(gn1);
  return {
    counted: [
      {
        rule: 'segment gn from port gn (access)',
        what: 'the frames that stations send',
        traffic: async () => {
          // The answers come in by the port of the same name on the other host.
          const sent = await packetsAt(lab, gn1, `ether src ${mac}`, () => expectPings(gn1, '10.10.0.2', { count: 5 }));
          return 2 * sent;
        },
      },
    ],
    change: {
      what: 'an address that gr1 does not have at its port',
      text: (file) =>
        file.replace('      "*/gr": {', '      hv1/gr: { access: gr, address: 10.10.0.99 }\n      "*/gr": {'),
      does: () => expectNoPings(gr1, '10.10.0.2', { count: 1 }),
      undone: () => expectPings(gr1, '10.10.0.2', { count: 1 }),
    },
    steady: [gn1, '10.10.0.2'],
    allowed: [{ packet: 'from hv1/gn ping 10.10.0.3', rule: '"*/gn": {', says: /delivered to hv3\/br0:gn/ }],
    refused: [{ packet: 'from hv1/gn ping 10.10.0.3 vlan 7', says: /tags and VNIs that belong to no segment/ }],
  };
}
