// Two hosts with an IP underlay, four guests in one VXLAN segment, two in another.
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { type Flowloom, startFlowloom, status } from '../support/flowloom.ts';
import { addGuest, macOf } from '../support/guest.ts';
import { type OpenVSwitch, startHost } from '../support/host.ts';
import { cable, inside, type Lab, type LabDefinition, type Namespace } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { told } from '../support/shell.ts';
import { curl, expectNoPings, expectPings, ping, startWeb } from '../support/traffic.ts';
import { addUnderlay } from '../support/underlay.ts';
import { until } from '../support/wait.ts';

const GUESTS = ['10.10.0.1', '10.10.0.2', '10.10.0.3', '10.10.0.4'];
const BIG = 4_000_000;

export const lab: LabDefinition = {
  title: 'two hosts with an IP network between them, one segment over VXLAN, another beside it',
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'tcp');
    const hv2 = await startHost(lab, 'hv2', 'tcp');
    await cable(hv1.namespace, 'eth1', hv2.namespace, 'eth1');
    const guests: Namespace[] = [];
    for (const [index, address] of GUESTS.entries()) {
      const host = index < 2 ? hv1 : hv2;
      guests.push(await addGuest(lab, host, `vm${index + 1}`, { addresses: [`${address}/24`] }));
    }
    const alien1 = await addGuest(lab, hv1, 'alien1', { addresses: ['10.10.0.11/24'] });
    const alien2 = await addGuest(lab, hv2, 'alien2', { addresses: ['10.10.0.12/24'] });
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0', 'hv2/br0']);
    await addUnderlay(hv1, 'br-phy1', '192.168.50.4');
    await addUnderlay(hv2, 'br-phy2', '192.168.50.5');
    const [vm1, , vm3] = guests as [Namespace, Namespace, Namespace, Namespace];
    await until('the tunnel is up', async () => (await ping(vm1, '10.10.0.3', { count: 1 })).received === 1);

    await checkReach(lab, guests);
    await checkWire(lab, hv1, vm1);
    await checkApart(lab, guests, alien1, alien2);
    await checkSize(lab, hv1, flowloom, [...guests, alien1, alien2], vm1, vm3);
    await checkEveryLab(lab, flowloom, everyLab(lab, vm1, alien1, await macOf(vm1)));
    const bridges: [OpenVSwitch, string][] = [
      [hv1, 'br0'],
      [hv2, 'br0'],
    ];
    await checkSecondStart(lab, { flowloom, recording, bridges, from: vm1, to: '10.10.0.3' });
  },
};

async function checkReach(lab: Lab, guests: Namespace[]): Promise<void> {
  for (const from of guests) {
    await check(lab, `${from.name} reaches the three others`, async () => {
      for (const [index, address] of GUESTS.entries()) {
        if (guests[index] !== from) await expectPings(from, address);
      }
    });
  }
}

async function checkWire(lab: Lab, hv1: OpenVSwitch, vm1: Namespace): Promise<void> {
  await check(
    lab,
    'the underlay carries UDP 4789 with VNI 5000 and TTL 5, and nothing of the guests outside it',
    async () => {
      const seen = await startCapture(lab, hv1.namespace, 'eth1');
      await expectPings(vm1, '10.10.0.3');
      const all = await untilSeen(seen, /10\.10\.0\.3 > 10\.10\.0\.1: ICMP echo reply/);
      const inner = all.filter((frame) => frame.includes('10.10.0.'));
      for (const frame of inner) {
        expect(/192\.168\.50\.[45]\.\d+ > 192\.168\.50\.[45]\.4789: VXLAN/.test(frame), 'not in VXLAN:', () => frame);
        expect(/vni 5000\b/.test(frame), 'not VNI 5000:', () => frame);
        expect(/^\S+ > .*?\(tos 0x0, ttl 5,/.test(frame), 'not TTL 5:', () => frame);
      }
      expect(inner.length >= 6, 'three pings are six frames', () => all.join('\n'));
      await stopCapture(seen);
    },
  );
}

async function checkApart(lab: Lab, guests: Namespace[], alien1: Namespace, alien2: Namespace): Promise<void> {
  await check(lab, 'a segment with another VNI and the same subnet works by itself', () =>
    expectPings(alien1, '10.10.0.12'),
  );
  await check(lab, 'its guests reach none of the four', async () => {
    await Promise.all([alien1, alien2].flatMap((from) => GUESTS.map((address) => expectNoPings(from, address))));
  });
  await check(lab, 'not even a broadcast of theirs comes to the four', async () => {
    const macs = [await macOf(alien1), await macOf(alien2)];
    const [vm1, , vm3] = guests as [Namespace, Namespace, Namespace];
    const seen = [await startCapture(lab, vm1, 'eth0'), await startCapture(lab, vm3, 'eth0')];
    await expectNoPings(alien1, '10.10.0.3');
    await expectNoPings(alien2, '10.10.0.1');
    await expectPings(vm1, '10.10.0.3');
    for (const capture of seen) {
      const all = await untilSeen(capture, /10\.10\.0\.3 > 10\.10\.0\.1: ICMP echo reply/);
      const leaked = all.filter((frame) => macs.some((mac) => frame.includes(mac)));
      expect(leaked.length === 0, 'frames of the other segment:', () => leaked.join('\n'));
      await stopCapture(capture);
    }
  });
}

async function checkSize(
  lab: Lab,
  hv1: OpenVSwitch,
  flowloom: Flowloom,
  guests: Namespace[],
  vm1: Namespace,
  vm3: Namespace,
): Promise<void> {
  await check(lab, "status tells the segment's MTU: 1450 on an underlay of 1500", async () => {
    const mtu = (await status(flowloom)).segments.find((segment) => segment.name === 'red')?.mtu;
    expect(mtu === 1450, `status says ${mtu}`);
  });
  // What a DHCP server or the administrator does with that number.
  const mtu = (await status(flowloom)).segments.find((segment) => segment.name === 'red')?.mtu ?? 1500;
  for (const guest of guests) await inside(guest, ['ip', 'link', 'set', 'eth0', 'mtu', String(mtu)]);
  await check(lab, 'a packet of just that size passes, one byte more does not leave the guest', async () => {
    await expectPings(vm1, '10.10.0.3', { flags: ['-M', 'do', '-s', String(mtu - 28)] });
    await expectNoPings(vm1, '10.10.0.3', { flags: ['-M', 'do', '-s', String(mtu - 27)] });
  });
  await check(lab, 'full-size TCP passes, the underlay filled to 1500', async () => {
    await startWeb(lab, vm3, 80);
    const seen = await startCapture(lab, hv1.namespace, 'eth1', 'udp port 4789 and greater 1514');
    const outcome = await curl(vm1, `http://10.10.0.3/bytes/${BIG}`, '-o', '/dev/null', '-w', '%{size_download}');
    expect(outcome.code === 0 && outcome.stdout === String(BIG), 'the download failed', () => told(outcome));
    await untilSeen(seen, /length 1514: .*vni 5000/);
    const larger = (await stopCapture(seen)).filter((frame) => !/length 1514: /.test(frame));
    expect(larger.length === 0, 'larger than the underlay takes:', () => larger.slice(0, 5).join('\n'));
  });
}

function everyLab(lab: Lab, vm1: Namespace, alien1: Namespace, mac: string): EveryLab {
  return {
    counted: [
      {
        rule: 'segment red from port vm1 (access)',
        what: 'the frames that vm1 sends',
        traffic: () => packetsAt(lab, vm1, `ether src ${mac}`, () => expectPings(vm1, '10.10.0.3', { count: 5 })),
      },
    ],
    change: {
      what: 'vm4 on the other segment',
      text: (file) => file.replace('hv2/vm4: { access: red }', 'hv2/vm4: { access: green }'),
      does: () => expectPings(alien1, '10.10.0.4', { count: 1 }),
      undone: () => expectNoPings(alien1, '10.10.0.4', { count: 1 }),
    },
    steady: [vm1, '10.10.0.3'],
    allowed: [{ packet: 'from hv1/vm1 ping 10.10.0.3', rule: 'hv2/vm3: {', says: /delivered to hv2\/br0:vm3/ }],
    refused: [{ packet: 'from hv1/vm1 ping 10.10.0.3 vlan 7', says: /tags and VNIs that belong to no segment/ }],
  };
}
