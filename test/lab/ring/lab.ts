// Three switches in a ring: no frame goes round, one cable waits, and takes over when another is cut.
import { type Capture, frames, packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { type Daemon, outputOf, stopDaemon } from '../support/daemon.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { type Flowloom, flowloomCommand, startAgain, startFlowloom, status } from '../support/flowloom.ts';
import { addGuest, macOf } from '../support/guest.ts';
import { type OpenVSwitch, startHost } from '../support/host.ts';
import { cable, inside, type Lab, type LabDefinition, type Namespace } from '../support/lab.ts';
import { signal } from '../support/process.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { expectPings, ping, startBroadcasts, startPing, stopPing } from '../support/traffic.ts';
import { until } from '../support/wait.ts';

/** Seconds between two pings of the one that measures, and how long it may go unanswered. */
const PACE = 0.05;
const LONGEST_GAP = 2;
const BROADCASTS = 3;

interface Ring {
  hosts: OpenVSwitch[];
  /** In segment blue, one behind each switch. */
  guests: Namespace[];
  flowloom: Flowloom;
}

export const lab: LabDefinition = {
  title: 'three switches in a ring: no storm, a blocked cable, another way when one is cut',
  alone: true,
  async run(lab) {
    await startControl(lab);
    const hosts = [
      await startHost(lab, 'hv1', 'tcp'),
      await startHost(lab, 'hv2', 'tcp'),
      await startHost(lab, 'hv3', 'dials-in'),
    ];
    const [hv1, hv2, hv3] = hosts as [OpenVSwitch, OpenVSwitch, OpenVSwitch];
    await cable(hv1.namespace, 'to2', hv2.namespace, 'to1');
    await cable(hv1.namespace, 'to3', hv3.namespace, 'to1');
    await cable(hv2.namespace, 'to3', hv3.namespace, 'to2');
    const guests: Namespace[] = [];
    for (const [index, host] of hosts.entries()) {
      guests.push(await addGuest(lab, host, `blue${index + 1}`, { addresses: [`10.10.0.${index + 1}/24`] }));
    }
    const green1 = await addGuest(lab, hv1, 'green1', { addresses: ['10.20.0.1/24'] });
    await addGuest(lab, hv3, 'green3', { addresses: ['10.20.0.3/24'] });
    // From the first moment on: a storm before the first probe would be seen here.
    const begin = await startCapture(lab, guests[0]!, 'eth0', 'arp or icmp');
    const shouting = startBroadcasts(lab, guests[1]!, '10.10.0.255', PACE);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0', 'hv2/br0', 'hv3/br0']);
    const ring: Ring = { hosts, guests, flowloom };

    await checkBegin(lab, begin, shouting);
    await checkStatus(lab, ring);
    await check(lab, 'all in VLAN 100 reach each other, and so do those in VLAN 200', async () => {
      await reachAll(guests);
      await expectPings(green1, '10.20.0.3');
    });
    await checkBroadcasts(lab, ring, 'with the ring closed');
    await checkProbes(lab, ring);
    await checkCut(lab, ring);
    await checkRestored(lab, ring);
    await checkEveryLab(lab, flowloom, everyLab(lab, ring, green1, await macOf(guests[0]!)));
    await checkKilled(lab, ring);
    await checkSecondStart(lab, {
      flowloom,
      recording,
      bridges: hosts.map((host): [OpenVSwitch, string] => [host, 'br0']),
      from: guests[0]!,
      to: '10.10.0.3',
    });
  },
};

/** How often each request was seen, the most. */
function most(seen: string[]): number {
  const counts = new Map<string, number>();
  for (const frame of seen) {
    const number = /> 10\.10\.0\.255: ICMP echo request, id \d+, seq \d+/.exec(frame)?.[0];
    if (number !== undefined) counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

async function checkBegin(lab: Lab, seen: Capture, shouting: Daemon): Promise<void> {
  await check(lab, 'broadcasts that were under way when Flowloom came arrive once each from the first on', async () => {
    await untilSeen(seen, /> 10\.10\.0\.255: ICMP echo request/, 15);
    await stopDaemon(shouting, 'SIGINT');
    const all = await stopCapture(seen);
    expect(most(all) === 1, `one came ${most(all)} times, of ${all.length} frames`, () => all.slice(0, 20).join('\n'));
  });
}

async function blockedCable({ flowloom }: Ring) {
  return until('one cable is blocked, two carry', async () => {
    const { cables, settled } = (await status(flowloom)).topology;
    const blocked = cables.filter(({ state }) => state === 'blocked');
    return settled && cables.length === 3 && blocked.length === 1 ? blocked[0] : undefined;
  });
}

async function checkStatus(lab: Lab, ring: Ring): Promise<void> {
  await check(
    lab,
    '`status` names the loop and the cable that is blocked: the one away from the lowest dpid',
    async () => {
      const blocked = await blockedCable(ring);
      const { switches } = await status(ring.flowloom);
      const root = switches.toSorted((a, b) => (a.dpid < b.dpid ? -1 : 1))[0]?.name;
      const ends = [blocked.a.switch, blocked.b.switch];
      expect(root !== undefined && !ends.includes(root), `root is ${root}, blocked: ${ends.join(' to ')}`);
      const said = await flowloomCommand(ring.flowloom, 'status');
      const line = said.split('\n').find((each) => each.includes('blocked'));
      const loop = [...blocked.loop, blocked.loop[0]].join(' – ');
      const told = line?.includes(`${blocked.a.switch} ${blocked.a.name}`) && line.includes(`loop ${loop}`);
      expect(told === true && new Set(blocked.loop).size === 3, 'it said:', () => said);
    },
  );
}

async function reachAll(guests: Namespace[]): Promise<void> {
  for (const from of guests) {
    for (const [index, to] of guests.entries()) {
      if (to !== from) await expectPings(from, `10.10.0.${index + 1}`, { count: 1 });
    }
  }
}

/** Each guest's broadcasts arrive once at each other, and never come back to it. */
async function checkBroadcasts(lab: Lab, { guests }: Ring, when: string): Promise<void> {
  await check(lab, `a broadcast arrives once at each guest, ${when}`, async () => {
    for (const from of guests) {
      const mac = await macOf(from);
      const captures = await Promise.all(guests.map((guest) => startCapture(lab, guest, 'eth0', 'arp or icmp')));
      await ping(from, '10.10.0.255', { count: BROADCASTS, flags: ['-b', '-W', '0.1'] });
      // Frames come in order: what the broadcasts caused is there before the answers to these.
      await reachAll(guests);
      for (const [index, capture] of captures.entries()) {
        const all = await untilSeen(capture, /ICMP echo reply/);
        const own = guests[index] === from;
        const requests = all.filter(
          (frame) => frame.includes(mac) && /> 10\.10\.0\.255: ICMP echo request/.test(frame),
        );
        expect(
          requests.length === BROADCASTS && most(all) === 1,
          `${guests[index]?.name} ${own ? 'sent' : 'got'} ${requests.length} frames of ${BROADCASTS} from ${from.name}`,
          () => all.slice(0, 30).join('\n'),
        );
      }
      await Promise.all(captures.map(stopCapture));
    }
  });
}

async function checkProbes(lab: Lab, { hosts, guests }: Ring): Promise<void> {
  await check(lab, 'probes go over the cables, blocked or not, at least once a second', async () => {
    for (const [index, device] of [
      [0, 'to2'],
      [1, 'to3'],
      [2, 'to1'],
    ] as const) {
      const seen = await startCapture(lab, hosts[index]!.namespace, device, 'ether proto 0x88cc');
      const begin = performance.now();
      await until('four probes', async () => (await frames(seen)).length >= 4);
      const seconds = (performance.now() - begin) / 1000;
      expect(seconds < 3, `four probes took ${seconds.toFixed(1)} s`);
      await stopCapture(seen);
    }
  });
  await check(lab, "another's LLDP goes nowhere it did not before, and changes nothing", async () => {
    const before = guests[2]!;
    const seen = await startCapture(lab, before, 'eth0');
    await sendLldp(guests[0]!);
    await expectPings(guests[0]!, '10.10.0.3');
    const all = await untilSeen(seen, /ICMP echo request/);
    const leaked = all.filter((frame) => frame.includes('02:00:00:00:00:aa'));
    expect(leaked.length === 0, 'it came to another guest:', () => leaked.join('\n'));
    await stopCapture(seen);
  });
}

/** A frame as a guest's own lldpd sends it. */
async function sendLldp(from: Namespace): Promise<void> {
  const frame = '0180c200000e0200000000aa88cc0207040200000000aa0407030200000000aa060200780000';
  const program = [
    'import socket, sys',
    's = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)',
    "s.bind(('eth0', 0))",
    'for _ in range(3): s.send(bytes.fromhex(sys.argv[1]))',
  ].join('\n');
  await inside(from, ['/usr/bin/python3', '-c', program, frame]);
}

/** Seconds that a ping went unanswered, the longest of them, by the numbers that are missing. */
function longestGap(text: string): number {
  const answered = [...text.matchAll(/icmp_seq=(\d+) ttl/g)]
    .map(([, number]) => Number(number))
    .toSorted((a, b) => a - b);
  let longest = 0;
  for (const [index, number] of answered.entries()) {
    if (index > 0) longest = Math.max(longest, number - answered[index - 1]! - 1);
  }
  return longest * PACE;
}

async function setLink(host: OpenVSwitch, device: string, state: 'up' | 'down'): Promise<void> {
  await inside(host.namespace, ['ip', 'link', 'set', device, state]);
}

/** The cable between the root and hv… that carries, as hosts and devices; traffic over it has another way. */
async function carryingCable(ring: Ring): Promise<{ from: number; to: number; device: string }> {
  const { cables } = (await status(ring.flowloom)).topology;
  const found = cables.find(({ state }) => state === 'carrying');
  expect(found !== undefined, 'no cable carries');
  const numberOf = (name: string) => Number(/hv(\d)/.exec(name)?.[1]);
  return { from: numberOf(found.a.switch), to: numberOf(found.b.switch), device: found.a.name };
}

async function checkCut(lab: Lab, ring: Ring): Promise<void> {
  const { guests, hosts, flowloom } = ring;
  const cut = await carryingCable(ring);
  const pings = await startPing(lab, guests[cut.from - 1]!, `10.10.0.${cut.to}`, PACE);
  await check(lab, `hv${cut.from} to hv${cut.to} cut: traffic goes the other way within ${LONGEST_GAP} s`, async () => {
    await setLink(hosts[cut.from - 1]!, cut.device, 'down');
    await until('status tells of two cables, which carry', async () => {
      const { cables } = (await status(flowloom)).topology;
      return cables.length === 2 && cables.every(({ state }) => state === 'carrying');
    });
    await untilAnswered(pings, 40);
    const gap = longestGap(outputOf(pings));
    lab.say(`        longest gap: ${gap.toFixed(2)} s\n`);
    expect(gap > 0 && gap <= LONGEST_GAP, `unanswered for ${gap} s`);
  });
  await stopDaemon(pings, 'SIGINT');
  await checkBroadcasts(lab, ring, 'with one cable cut');
}

/** Waits for so many answers more. */
async function untilAnswered(pings: Daemon, more: number): Promise<void> {
  const count = () => outputOf(pings).split('bytes from').length;
  const before = count();
  await until(`${more} more pings are answered`, () => count() >= before + more, 15);
}

async function checkRestored(lab: Lab, ring: Ring): Promise<void> {
  const { guests, hosts, flowloom } = ring;
  const down = await downEnd(ring);
  const shouting = startBroadcasts(lab, guests[1]!, '10.10.0.255', PACE);
  const seen = await startCapture(lab, guests[0]!, 'eth0', 'icmp');
  await check(
    lab,
    'the cable restored: the same one is blocked again, and meanwhile no broadcast came twice',
    async () => {
      await setLink(hosts[down.host - 1]!, down.device, 'up');
      await blockedCable(ring);
      const from = (await frames(seen)).length;
      await until('broadcasts go on', async () => (await frames(seen)).length >= from + 20);
      const all = await frames(seen);
      expect(most(all) === 1, `one came ${most(all)} times`, () => all.slice(0, 20).join('\n'));
    },
  );
  await stopDaemon(shouting, 'SIGINT');
  await stopCapture(seen);
  await checkBroadcasts(lab, ring, 'with the ring closed again');
  await check(lab, 'the same cable as before is blocked', async () => {
    const blocked = await blockedCable({ ...ring, flowloom });
    const { switches } = await status(flowloom);
    const root = switches.toSorted((a, b) => (a.dpid < b.dpid ? -1 : 1))[0]?.name;
    expect(blocked.a.switch !== root && blocked.b.switch !== root, `blocked at the root ${root}`);
  });
}

/** Which of the devices was set down. */
async function downEnd({ hosts }: Ring): Promise<{ host: number; device: string }> {
  for (const [index, { namespace }] of hosts.entries()) {
    const links = await inside(namespace, ['ip', '-o', 'link']);
    const found = links.split('\n').find((line) => / to\d@/.test(line) && !/[<,]UP[,>]/.test(line));
    const device = / (to\d)@/.exec(found ?? '')?.[1];
    if (device !== undefined) return { host: index + 1, device };
  }
  throw new Error('no cable is down');
}

async function checkKilled(lab: Lab, ring: Ring): Promise<void> {
  const { guests, flowloom } = ring;
  const pings = await startPing(lab, guests[0]!, '10.10.0.3', PACE);
  signal(flowloom.daemon.identity, 'SIGKILL');
  await until('Flowloom has ended', flowloom.daemon.ended);
  await checkBroadcasts(lab, ring, 'with Flowloom killed');
  await startAgain(flowloom);
  await check(lab, 'started again it sends nothing, also when it has heard all switches', async () => {
    await blockedCable(ring);
    const { sent } = await status(flowloom);
    expect(
      Object.values(sent).every((count) => count === 0),
      `sent: ${JSON.stringify(sent)}`,
    );
  });
  await check(lab, 'from before the kill until then no ping was lost', () => stopPing(pings));
  await checkBroadcasts(lab, ring, 'after the restart');
}

function everyLab(lab: Lab, { guests }: Ring, green1: Namespace, mac: string): EveryLab {
  const [blue1] = guests as [Namespace];
  return {
    counted: [
      {
        rule: 'segment blue from port blue1 (access)',
        what: 'the frames that blue1 sends',
        traffic: () => packetsAt(lab, blue1, `ether src ${mac}`, () => expectPings(blue1, '10.10.0.3', { count: 5 })),
      },
    ],
    change: {
      what: 'green3 in VLAN 100',
      text: (file) => file.replace('hv3/green3: { access: green }', 'hv3/green3: { access: blue }'),
      does: async () =>
        expect((await ping(green1, '10.20.0.3', { count: 1 })).received === 0, 'green1 still reaches it'),
      undone: () => expectPings(green1, '10.20.0.3', { count: 1 }),
    },
    steady: [blue1, '10.10.0.3'],
    allowed: [{ packet: 'from hv1/blue1 ping 10.10.0.3', rule: 'hv3/blue3: {', says: /delivered to hv3\/br0:blue3/ }],
    refused: [{ packet: 'from hv1/blue1 ping 10.10.0.3 vlan 200', says: /tags and VNIs that belong to no segment/ }],
  };
}
