// Guests with public addresses beside the uplink: reached directly, and kept to their own addresses.
import { buildArp } from '../../../src/packet/arp.ts';
import { buildPacket } from '../../../src/packet/build.ts';
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest, macOf } from '../support/guest.ts';
import { startHost } from '../support/host.ts';
import { inside, type Lab, type LabDefinition, type Namespace } from '../support/lab.ts';
import { openRawStation, type RawStation } from '../support/raw-station.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { expectCurl, expectNoPings, expectPings, startWeb, untilAnswered } from '../support/traffic.ts';

const VM1 = { address: '203.0.113.11', mac: '02:00:00:00:00:11' };
const VM2 = { address: '203.0.113.12', mac: '02:00:00:00:00:12' };
const OUTSIDE = '203.0.113.1';
/** Nobody's address, and nobody's MAC. */
const FREE = '203.0.113.99';
const OTHER_MAC = '02:00:00:00:00:99';
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

interface Stations {
  vm1: Namespace;
  vm2: Namespace;
  outside: Namespace;
  /** vm1 as somebody uses it who wants to be another. */
  raw: RawStation;
  outsideMac: string;
}

export const lab: LabDefinition = {
  title: 'guests with public addresses on the bridge, each kept to its own',
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'tcp');
    const guest = (name: string, { address, mac }: typeof VM1) =>
      addGuest(lab, hv1, name, { addresses: [`${address}/24`], mac, via: OUTSIDE });
    const vm1 = await guest('vm1', VM1);
    const vm2 = await guest('vm2', VM2);
    const outside = await addGuest(lab, hv1, 'outside', { addresses: [`${OUTSIDE}/24`], device: 'eth1' });
    for (const station of [vm1, vm2, outside]) await startWeb(lab, station, 80);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);
    const raw = await openRawStation(lab, vm1, 'eth0');
    const stations = { vm1, vm2, outside, raw, outsideMac: await macOf(outside) };

    for (const guest of [vm1, vm2]) await untilAnswered(guest, OUTSIDE);
    await checkReach(lab, stations);
    await checkSpoofing(lab, stations);
    await checkEveryLab(lab, flowloom, everyLab(lab, stations));
    await checkSecondStart(lab, { flowloom, recording, bridges: [[hv1, 'br0']], from: outside, to: VM1.address });
  },
};

async function checkReach(lab: Lab, { vm1, vm2, outside, outsideMac }: Stations): Promise<void> {
  await check(lab, 'from outside both guests are reached, by ping and by curl', async () => {
    for (const [name, { address }] of Object.entries({ vm1: VM1, vm2: VM2 })) {
      await expectPings(outside, address);
      await expectCurl(outside, `http://${address}/`, new RegExp(`^${name} answers 203\\.0\\.113\\.1$`, 'm'));
    }
  });
  await check(
    lab,
    'a guest reaches outside with its own address and MAC: nothing is translated or routed',
    async () => {
      const seen = await startCapture(lab, outside, 'eth0', 'ip');
      await expectCurl(vm1, `http://${OUTSIDE}/`, /^outside answers 203\.0\.113\.11$/m);
      const all = await untilSeen(
        seen,
        new RegExp(`^${VM1.mac} > ${outsideMac},.*ttl 64.* 203\\.0\\.113\\.11\\.\\d+ > `),
      );
      await stopCapture(seen);
      expect(!all.some((frame) => frame.includes('ttl 63')), 'a router was on the way', () => all.join('\n'));
    },
  );
  await check(lab, 'guests reach each other', () =>
    expectCurl(vm2, `http://${VM1.address}/`, /^vm1 answers 203\.0\.113\.12$/m),
  );
}

/** What vm1 sends as it is not, and why nobody may get it. */
function spoofed({ outsideMac }: Stations): [what: string, frame: Uint8Array, pattern: RegExp][] {
  const datagram = (src: string, mac: string, port: number) =>
    buildPacket({
      eth: { src: mac, dst: outsideMac },
      ipv4: { src, dst: OUTSIDE },
      udp: { srcPort: 4000, dstPort: port },
    });
  const claim = (senderAddress: string, senderMac: string, targetAddress = senderAddress) =>
    buildArp({ operation: 2, senderMac, senderAddress, targetMac: BROADCAST, targetAddress }, BROADCAST);
  return [
    ["from vm2's address", datagram(VM2.address, VM1.mac, 5001), /\.5001: UDP/],
    ["from nobody's address", datagram(FREE, VM1.mac, 5002), /\.5002: UDP/],
    ['from its own address and another MAC', datagram(VM1.address, OTHER_MAC, 5003), /\.5003: UDP/],
    ["from vm2's address and MAC", datagram(VM2.address, VM2.mac, 5004), /\.5004: UDP/],
    ["the claim by ARP to have vm2's address", claim(VM2.address, VM1.mac), /203\.0\.113\.12 is-at 02:00:00:00:00:11/],
    [
      "the claim by ARP to have the gateway's address",
      claim(OUTSIDE, VM1.mac),
      /203\.0\.113\.1 is-at 02:00:00:00:00:11/,
    ],
    [
      'its own address by ARP with another MAC',
      claim(VM1.address, OTHER_MAC),
      /203\.0\.113\.11 is-at 02:00:00:00:00:99/,
    ],
  ];
}

async function checkSpoofing(lab: Lab, stations: Stations): Promise<void> {
  const { vm1, vm2, outside, raw, outsideMac } = stations;
  for (const [what, frame, pattern] of spoofed(stations)) {
    await check(lab, `anti-spoof: vm1 sends ${what}; it arrives nowhere`, async () => {
      const sent = await startCapture(lab, vm1, 'eth0');
      const seen = await Promise.all([outside, vm2].map((station) => startCapture(lab, station, 'eth0')));
      raw.send(frame);
      // The same from its own address arrives, behind it.
      raw.send(
        buildPacket({
          eth: { src: VM1.mac, dst: BROADCAST },
          ipv4: { src: VM1.address, dst: '255.255.255.255' },
          udp: { srcPort: 4000, dstPort: 6000 },
        }),
      );
      await untilSeen(sent, pattern);
      await stopCapture(sent);
      for (const capture of seen) {
        await untilSeen(capture, /203\.0\.113\.11\.4000 > 255\.255\.255\.255\.6000: UDP/);
        const leaked = (await stopCapture(capture)).filter((text) => pattern.test(text) || text.includes(OTHER_MAC));
        expect(leaked.length === 0, 'it arrived:', () => leaked.join('\n'));
      }
    });
  }
  await check(
    lab,
    'with an alias that is not its own vm1 gets no answer, and neighbours learn nothing wrong',
    async () => {
      await inside(vm1, ['ip', 'address', 'add', `${FREE}/24`, 'dev', 'eth0']);
      await inside(vm1, ['ip', 'neigh', 'replace', OUTSIDE, 'lladdr', outsideMac, 'dev', 'eth0']);
      await expectNoPings(vm1, OUTSIDE, { flags: ['-I', FREE] });
      await expectPings(vm1, OUTSIDE, { flags: ['-I', VM1.address] });
      await expectPings(outside, VM2.address);
      const neighbours = await inside(outside, ['ip', 'neigh']);
      const right = /203\.0\.113\.12 .*lladdr 02:00:00:00:00:12/.test(neighbours) && !neighbours.includes(FREE);
      expect(right, 'outside knows:', () => neighbours);
      await inside(vm1, ['ip', 'address', 'delete', `${FREE}/24`, 'dev', 'eth0']);
    },
  );
}

function everyLab(lab: Lab, { vm2, outside }: Stations): EveryLab {
  const FURTHER = '203.0.113.13';
  const line = (port: string) => `hv1/${port}: { access: public, address`;
  return {
    counted: [
      {
        rule: `port vm2 sends from ${VM2.mac}, ${VM2.address} only`,
        what: 'the frames that vm2 sends',
        traffic: () => packetsAt(lab, vm2, `ether src ${VM2.mac}`, () => expectPings(vm2, OUTSIDE, { count: 10 })),
      },
    ],
    change: {
      what: 'vm2 with another address of its own',
      text: (file) => file.replace(VM2.address, FURTHER),
      does: async () => {
        await inside(vm2, ['ip', 'address', 'replace', `${FURTHER}/24`, 'dev', 'eth0']);
        await expectPings(outside, FURTHER, { count: 1 });
      },
      undone: async () => {
        await expectNoPings(outside, FURTHER, { count: 1 });
        await expectPings(outside, VM2.address, { count: 1 });
      },
    },
    steady: [outside, VM1.address],
    allowed: [
      { packet: `from hv1/eth1 tcp to ${VM1.address}:80`, rule: line('vm1'), says: /delivered to hv1\/br0:vm1/ },
    ],
    refused: [
      { packet: `from hv1/vm1 udp ${VM2.address} to ${OUTSIDE}:80`, rule: line('vm1') },
      { packet: `from hv1/vm1 tcp ${VM1.address} to ${VM2.address}:80 mac ${OTHER_MAC}`, rule: line('vm1') },
    ],
  };
}
