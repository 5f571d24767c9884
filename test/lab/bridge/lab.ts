// What a bridge is for: it learns where stations are, forgets the silent, follows those that move, and has the host on it.
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { type Flowloom, flowloomCommand, startFlowloom, status } from '../support/flowloom.ts';
import { dumpFlows } from '../support/flows.ts';
import { addGuest } from '../support/guest.ts';
import { appctl, type OpenVSwitch, startHost } from '../support/host.ts';
import { inside, type Lab, type LabDefinition, type Namespace } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { expectCurl, expectNoPings, expectPings, ping, startWeb } from '../support/traffic.ts';
import { until } from '../support/wait.ts';

/** The same network on each bridge: `net` is the first part of its addresses. */
interface Bridge {
  host: OpenVSwitch;
  name: string;
  /** In front of what is checked. */
  title: string;
  net: string;
  vlan: number;
  ann: Namespace;
  bob: Namespace;
  /** Where bob goes: another machine, another port, the same addresses. */
  bobsNewPlace: Namespace;
  cid: Namespace;
  dot: Namespace;
  eve: Namespace;
  /** When dot was last heard. */
  dotSpoke: number;
}

const AGING = 15;
const MAC = { ann: 'aa', bob: 'bb', cid: 'cc', dot: 'dd', eve: 'ee', host: '01' };

export const lab: LabDefinition = {
  title: 'a bridge with flows and one without: learning, ageing, a station that moves, the host on its own bridge',
  async run(lab) {
    await startControl(lab);
    const host = await startHost(lab, 'hv1', 'tcp');
    const [flows, normal] = await Promise.all([addBridge(lab, host, 0), addBridge(lab, host, 1)]);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);
    await startWeb(lab, host.namespace, 8000);
    for (const bridge of [flows, normal]) await addHostAddress(bridge);

    for (const bridge of [flows, normal]) {
      await checkLearning(lab, bridge);
      await checkHost(lab, bridge);
    }
    await checkTables(lab, flowloom, flows, normal);
    for (const bridge of [flows, normal]) await checkMove(lab, bridge);
    await checkMovedInStatus(lab, flowloom);
    await checkAgeing(lab, flowloom, flows, normal);
    await checkEveryLab(lab, flowloom, everyLab(lab, flows));
    await checkSecondStart(lab, {
      ...{ flowloom, recording, bridges: [[host, 'br0']], from: flows.ann, to: `${flows.net}.1` },
    });
  },
};

const macOn = (bridge: Bridge, who: keyof typeof MAC) =>
  `02:00:00:00:0${bridge.name === 'br0' ? 'a' : 'b'}:${MAC[who]}`;

async function addBridge(lab: Lab, host: OpenVSwitch, number: number): Promise<Bridge> {
  const net = `10.${10 * (number + 1)}.0`;
  const mac = (end: string) => `02:00:00:00:0${number === 0 ? 'a' : 'b'}:${end}`;
  const guest = (name: string, address: number, end: string) =>
    addGuest(lab, host, `${name}${number}`, { addresses: [`${net}.${address}/24`], mac: mac(end) });
  const [ann, bob, bobsNewPlace, cid, dot, eve] = await Promise.all([
    guest('ann', 11, MAC.ann),
    guest('bob', 12, MAC.bob),
    addGuest(lab, host, `new${number}`, { mac: mac(MAC.bob) }),
    guest('cid', 13, MAC.cid),
    guest('dot', 14, MAC.dot),
    guest('eve', 15, MAC.eve),
  ]);
  const bridge: Bridge = {
    ...{ host, name: `br${number}`, net, vlan: 10 * (number + 1), dotSpoke: 0 },
    title: number === 0 ? 'flows: ' : 'normal: ',
    ...{ ann, bob, bobsNewPlace, cid, dot, eve },
  };
  // No broadcast where a check counts frames to one station.
  for (const [who, other] of [
    ['ann', 'bob'],
    ['ann', 'dot'],
    ['bob', 'ann'],
    ['dot', 'ann'],
  ] as const) {
    const address = `${net}.${other === 'ann' ? 11 : other === 'bob' ? 12 : 14}`;
    await inside(bridge[who], ['ip', 'neigh', 'replace', address, 'lladdr', mac(MAC[other]), 'dev', 'eth0']);
  }
  return bridge;
}

/** The administrator's part: OVSDB knows no IP addresses. */
async function addHostAddress({ host, name, net }: Bridge): Promise<void> {
  await inside(host.namespace, ['ip', 'address', 'add', `${net}.1/24`, 'dev', name]);
  await inside(host.namespace, ['ip', 'link', 'set', name, 'up']);
}

/** How many frames to a station came to another one's device while `traffic` went on. */
async function strayFrames(lab: Lab, at: Namespace, to: string, traffic: () => Promise<void>): Promise<string[]> {
  const seen = await startCapture(lab, at, 'eth0', `ether dst ${to}`);
  await traffic();
  return stopCapture(seen);
}

async function checkLearning(lab: Lab, bridge: Bridge): Promise<void> {
  const { title, ann, bob, cid, dot, net } = bridge;
  const bobsMac = macOn(bridge, 'bob');
  await check(
    lab,
    `${title}a frame to a station that was never heard goes to the whole segment, and to it only`,
    async () => {
      // Flowloom's own LLDP, which looks for other switches behind every port, is not ann's frame.
      const atEve = await startCapture(lab, bridge.eve, 'eth0', 'not ether proto 0x88cc');
      const atCid = await startCapture(lab, cid, 'eth0');
      await expectPings(ann, `${net}.12`, { count: 1 });
      await untilSeen(atCid, new RegExp(`> ${bobsMac}.*${net}\\.11 > ${net}\\.12: ICMP echo request`));
      await stopCapture(atCid);
      const foreign = await stopCapture(atEve);
      expect(foreign.length === 0, 'eve, in another segment, saw:', () => foreign.join('\n'));
    },
  );
  // The datapath keeps flooding by what it has cached until it has looked at the new flow.
  const settled = () => strayFrames(lab, cid, bobsMac, () => expectPings(ann, `${net}.12`, { count: 1 }));
  await until('cid sees nothing of it any more', async () => (await settled()).length === 0, 5);
  await check(lab, `${title}once it was heard, only its own port gets what is for it`, async () => {
    const atBob = await startCapture(lab, bob, 'eth0', 'icmp');
    const stray = await strayFrames(lab, cid, bobsMac, () =>
      expectPings(ann, `${net}.12`, { count: 20, interval: 0.02 }),
    );
    const requests = (await stopCapture(atBob)).filter((frame) => frame.includes('echo request'));
    expect(requests.length === 20, `bob got ${requests.length} of 20 echo requests`);
    expect(stray.length === 0, 'cid saw:', () => stray.join('\n'));
  });
  await expectPings(dot, `${net}.11`, { count: 1 });
  bridge.dotSpoke = Date.now();
}

async function checkHost(lab: Lab, bridge: Bridge): Promise<void> {
  const { title, host, name, net, ann, cid, eve } = bridge;
  await check(lab, `${title}a station reaches the host by the address on ${name} (LOCAL)`, async () => {
    await expectPings(ann, `${net}.1`);
    await expectCurl(ann, `http://${net}.1:8000/`, new RegExp(`^hv1 answers .*${net}\\.11`));
  });
  await check(lab, `${title}the host reaches a station, from its own MAC address`, async () => {
    const seen = await startCapture(lab, cid, 'eth0');
    await expectPings(host.namespace, `${net}.13`);
    await untilSeen(seen, new RegExp(`^${macOn(bridge, 'host')} > .*${net}\\.1 > ${net}\\.13: ICMP echo request`));
    await stopCapture(seen);
  });
  await check(lab, `${title}what is for the host goes to no other port`, async () => {
    const stray = await strayFrames(lab, cid, macOn(bridge, 'host'), () => expectPings(ann, `${net}.1`, { count: 10 }));
    expect(stray.length === 0, 'cid saw:', () => stray.join('\n'));
  });
  await check(lab, `${title}a station of another segment does not reach the host`, () =>
    expectNoPings(eve, `${net}.1`),
  );
}

async function checkTables(lab: Lab, flowloom: Flowloom, bridge: Bridge, normal: Bridge): Promise<void> {
  // All but dot are heard.
  for (const { ann, bob, cid, net } of [bridge, normal]) {
    for (const guest of [ann, bob, cid]) await expectPings(guest, `${net}.1`, { count: 1 });
  }
  let text = '';
  await check(
    lab,
    '`status` has the MAC table: segment, port and age of each station, the host among them',
    async () => {
      const wanted: [who: keyof typeof MAC, port: string][] = [
        ['ann', 'ann0'],
        ['bob', 'bob0'],
        ['cid', 'cid0'],
        ['dot', 'dot0'],
        ['host', 'br0'],
      ];
      await until('all stations are known', async () => {
        const { stations } = await status(flowloom);
        return wanted.every(([who, port]) =>
          stations.some((one) => one.mac === macOn(bridge, who) && one.port === port && one.age !== null),
        );
      });
      const begin = Date.now();
      text = await flowloomCommand(flowloom, 'status');
      const end = Date.now();
      const ages = new Map<string, number>();
      for (const [who, port] of wanted) {
        const line = new RegExp(
          `^${macOn(bridge, who)} +(?:10\\.\\d+\\.\\d+\\.\\d+ +)?red +hv1/br0 +port ${port} +heard (\\d+) s ago, forgotten in (\\d+) s$`,
          'm',
        );
        const found = line.exec(text);
        expect(found !== null, `no line like ${line}`, () => text);
        ages.set(who, Number(found[1]));
        expect(Number(found[1]) + Number(found[2]) === AGING, `${found[1]} + ${found[2]} is not ${AGING}`);
      }
      // Flowloom looks every five seconds, and Open vSwitch counts up to one second late.
      const [least, most] = [begin, end].map((now) => (now - bridge.dotSpoke) / 1000) as [number, number];
      const age = ages.get('dot') ?? -1;
      expect(age >= least - 7 && age <= most + 1, `dot is said to be ${age} s old, and is ${least} to ${most} s`);
    },
  );
  await check(
    lab,
    'normal: it says how to see the table that Open vSwitch keeps, and there the stations are',
    async () => {
      const command = /those of hv1\/br1 are kept by Open vSwitch itself: ovs-appctl (fdb\/show br1)$/m.exec(text)?.[1];
      expect(command !== undefined, 'it does not', () => text);
      expect(!text.includes(macOn(normal, 'ann')), 'it lists one of them itself', () => text);
      const table = await ownTable(normal);
      for (const who of ['ann', 'bob', 'cid', 'dot', 'host'] as const) {
        const entry = table.get(macOn(normal, who));
        expect(entry?.vlan === normal.vlan, `${who} is not there in VLAN ${normal.vlan}`, () =>
          [...table.keys()].join(' '),
        );
      }
    },
  );
}

/** `ovs-appctl fdb/show`: port, VLAN, MAC, age. */
async function ownTable({ host, name }: Bridge): Promise<Map<string, { vlan: number; age: number }>> {
  const { stdout } = await appctl(host, 'fdb/show', name);
  const rows = [...stdout.matchAll(/^ *\S+ +(\d+) +(\S+) +(\d+)$/gm)];
  return new Map(rows.map(([, vlan, mac = '', age]) => [mac, { vlan: Number(vlan), age: Number(age) }]));
}

async function checkMove(lab: Lab, bridge: Bridge): Promise<void> {
  const { title, ann, bob, bobsNewPlace, net } = bridge;
  await check(
    lab,
    `${title}a station that appears at another port is found there once it has sent one frame`,
    async () => {
      const bobsMac = macOn(bridge, 'bob');
      await expectPings(ann, `${net}.12`);
      await inside(bob, ['ip', 'address', 'flush', 'dev', 'eth0']);
      await inside(bobsNewPlace, ['ip', 'address', 'add', `${net}.12/24`, 'dev', 'eth0']);
      await inside(bobsNewPlace, [
        'ip',
        'neigh',
        'replace',
        `${net}.11`,
        'lladdr',
        macOn(bridge, 'ann'),
        'dev',
        'eth0',
      ]);
      // Until it sends, its old port gets what is for it.
      const lost = await ping(ann, `${net}.12`, { count: 1 });
      expect(lost.received === 0, 'it was found before it had sent anything');
      // One frame. Its answer may still go by what the datapath has in its cache.
      await ping(bobsNewPlace, `${net}.11`, { count: 1, flags: ['-W', '0.3'] });
      const atOld = await startCapture(lab, bob, 'eth0', `ether dst ${bobsMac}`);
      const atNew = await startCapture(lab, bobsNewPlace, 'eth0', 'icmp');
      await expectPings(ann, `${net}.12`, { count: 20, interval: 0.02 });
      const requests = (await stopCapture(atNew)).filter((frame) => /\.11 > .*echo request/.test(frame));
      expect(requests.length === 20, `${requests.length} of 20 echo requests came to its new port`);
      const stray = await stopCapture(atOld);
      expect(stray.length === 0, 'its old port still got:', () => stray.join('\n'));
    },
  );
}

async function checkMovedInStatus(lab: Lab, flowloom: Flowloom): Promise<void> {
  await check(lab, '`status` has it at its new port', async () => {
    const at = async () => (await status(flowloom)).stations.find(({ mac }) => mac.endsWith(':bb'))?.port;
    await until('bob at new0', async () => (await at()) === 'new0');
  });
}

async function checkAgeing(lab: Lab, flowloom: Flowloom, flows: Bridge, normal: Bridge): Promise<void> {
  const dotsMac = macOn(flows, 'dot');
  const inSwitch = async () => (await dumpFlows(flows.host, 'br0')).some(({ match }) => match.includes(dotsMac));
  const inStatus = async () => (await status(flowloom)).stations.find(({ mac }) => mac === dotsMac);
  const wait = AGING + 10;
  await check(
    lab,
    `flows: a station that was silent for ${AGING} s is forgotten, in the switch and in \`status\``,
    async () => {
      await until('dot is gone from the switch', async () => !(await inSwitch()), wait);
      const silent = (Date.now() - flows.dotSpoke) / 1000;
      expect(silent > AGING - 1, `it was forgotten after ${silent} s`);
      await until('dot is gone from status', async () => (await inStatus()) === undefined);
      expect((await status(flowloom)).stations.length > 0, 'with all others');
    },
  );
  await check(lab, `normal: a station that was silent for ${AGING} s is forgotten`, async () => {
    const gone = async () => !(await ownTable(normal)).has(macOn(normal, 'dot'));
    await until('dot is gone', gone, wait);
    const silent = (Date.now() - normal.dotSpoke) / 1000;
    expect(silent > AGING - 1, `it was forgotten after ${silent} s`);
  });
  for (const bridge of [flows, normal]) {
    const { title, ann, cid, net } = bridge;
    await check(lab, `${title}then it is looked for everywhere, and known again by its answer`, async () => {
      const stray = () =>
        strayFrames(lab, cid, macOn(bridge, 'dot'), () => expectPings(ann, `${net}.14`, { count: 1 }));
      expect((await stray()).length > 0, 'cid did not see the frame');
      await until('cid sees nothing of it any more', async () => (await stray()).length === 0, 5);
    });
  }
  await check(
    lab,
    '`status` has it again, heard just now, and ann, who never fell silent, known all the time',
    async () => {
      const age = await until('dot is in status', async () => (await inStatus())?.age ?? undefined);
      expect(age <= 10, `dot is said to be ${age} s old`);
      const ann = (await status(flowloom)).stations.find(({ mac }) => mac === macOn(flows, 'ann'));
      const right = ann !== undefined && (ann.known ?? 0) > AGING && ann.age !== null && ann.age <= 10;
      expect(right, 'of ann it has:', () => JSON.stringify(ann));
    },
  );
}

function everyLab(lab: Lab, bridge: Bridge): EveryLab {
  const { ann, net } = bridge;
  const mine = `ether src ${macOn(bridge, 'ann')}`;
  return {
    counted: [
      {
        rule: 'segment red from port ann0 (access)',
        what: 'the frames that ann sends',
        traffic: () => packetsAt(lab, ann, mine, () => expectPings(ann, `${net}.13`, { count: 5 })),
      },
    ],
    change: {
      what: 'cid on another segment',
      text: (file) => file.replace('hv1/cid0: { access: red }', 'hv1/cid0: { access: other }'),
      does: () => expectNoPings(ann, `${net}.13`, { count: 1 }),
      undone: () => expectPings(ann, `${net}.13`, { count: 1 }),
    },
    steady: [ann, `${net}.1`],
    allowed: [{ packet: `from hv1/ann0 ping ${net}.13`, rule: 'hv1/cid0: {', says: /delivered to hv1\/br0:cid0/ }],
    refused: [{ packet: `from hv1/ann0 ping ${net}.13 vlan 30`, says: /tags and VNIs that belong to no segment/ }],
  };
}
