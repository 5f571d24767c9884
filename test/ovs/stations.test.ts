/** Stations as a real ovs-vswitchd learns them: addresses from ARP and neighbour discovery, what is told, and its bounds. */

import { afterEach, expect, test } from 'vitest';
import { defineApp } from '../../src/app/define-app.ts';
import type { Station } from '../../src/app/events.ts';
import type { KnownStation } from '../../src/app/station-book.ts';
import { ARP_REQUEST, buildArp } from '../../src/packet/arp.ts';
import { type Attached, type AttachOptions, type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

const network = (aging = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 100 } }
bridges:
  br0:
    hosts: [hv1]
    datapath: netdev
    ${aging}
    ports:
      hv1/p1: { access: loc }
      hv1/p2: { access: loc }
      hv1/p3: { access: loc, address: 10.0.0.3, mac: "02:00:00:00:00:03" }
`;

let live: LiveSwitch | undefined;

afterEach(async () => {
  await live?.stop();
  live = undefined;
});

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const mac = (number: number) => `02:00:00:00:${[number >> 8, number & 0xff].map(octet).join(':')}`;
const octet = (value: number) => value.toString(16).padStart(2, '0');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

async function receive(port: string, frame: string): Promise<void> {
  await live!.appctl('netdev-dummy/receive', port, frame);
}

function question(senderMac: string, senderAddress: string): string {
  const asked = { targetMac: '00:00:00:00:00:00', targetAddress: '10.0.0.99' };
  return hex(buildArp({ operation: ARP_REQUEST, senderMac, senderAddress, ...asked }, BROADCAST));
}

/** A station asks for 10.0.0.99. */
async function ask(port: string, station: string, address: string): Promise<void> {
  await receive(port, question(station, address));
}

/** Neighbour discovery as ovs-vswitchd writes flows: it makes the frame of it. */
async function discover(port: string, station: string, type: 135 | 136, source: string, target: string): Promise<void> {
  const own = type === 135 ? `sll=${station}` : `tll=${station}`;
  await receive(
    port,
    `in_port(1),eth(src=${station},dst=33:33:00:00:00:01),eth_type(0x86dd),` +
      `ipv6(src=${source},dst=ff02::1,label=0,proto=58,tclass=0,hlimit=255,frag=no),` +
      `icmpv6(type=${type},code=0),nd(target=${target},${own})`,
  );
}

/** All that the switch tells of what it learned, as text. */
const known = ({ site }: Attached) =>
  Array.from(site.stations(), (station: KnownStation) => {
    const port = site.ports.get(station.place.port)?.name;
    return [station.mac, port, ...station.addresses.toSorted()].join(' ');
  }).toSorted();

const opened = async (text: string | undefined, options: AttachOptions = {}) => {
  const attached = await live!.attach(text, options);
  await attached.opened();
  return attached;
};

const holds = (attached: Attached, expected: string[]) =>
  until(
    () => known(attached),
    (found) => found.join('\n') === expected.join('\n'),
  );

test('IPv4 from ARP, IPv6 from solicitations and advertisements, and nothing from who only asks whether it is free', async () => {
  live = await startLiveSwitch();
  const attached = await opened(network());
  await ask('p1', mac(1), '10.0.0.1');
  await holds(attached, [`${mac(1)} p1 10.0.0.1`]);
  await discover('p1', mac(1), 135, 'fe80::1', 'fe80::99');
  await discover('p1', mac(1), 136, 'fe80::1', 'fd00::1');
  await holds(attached, [`${mac(1)} p1 10.0.0.1 fd00::1 fe80::1`]);
  // What it asks for when it comes up is not yet its own.
  await ask('p2', mac(2), '0.0.0.0');
  await discover('p2', mac(2), 135, '::', 'fd00::2');
  await holds(attached, [`${mac(1)} p1 10.0.0.1 fd00::1 fe80::1`, `${mac(2)} p2`]);
  // A port with an address given speaks from that one only.
  await ask('p3', mac(3), '10.0.0.1');
  await ask('p3', mac(3), '10.0.0.3');
  await holds(attached, [`${mac(1)} p1 10.0.0.1 fd00::1 fe80::1`, `${mac(2)} p2`, `${mac(3)} p3 10.0.0.3`]);
  expect(attached.failures).toEqual([]);
  attached.close();
  // Another run reads it back, and sends nothing.
  const second = await opened(network());
  expect(known(second)).toContain(`${mac(3)} p3 10.0.0.3`);
  expect(second.sent).toEqual({ flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 });
});

test('told once: a station that is new, one that has moved, an address; a silent one is forgotten with its flow', async () => {
  live = await startLiveSwitch();
  const attached = await opened(network('macAging: 15'));
  const told = () => attached.stations.map(({ mac: of, port, address }) => `${of} ${port} ${address ?? '–'}`);
  const number = async (name: string) => Number(await live!.vsctl('get', 'interface', name, 'ofport'));
  const [one, two] = [await number('p1'), await number('p2')];
  await receive('p1', `${BROADCAST}${mac(1)}88b5`.replaceAll(':', '').padEnd(120, '0'));
  await until(told, (seen) => seen.length === 1);
  await ask('p1', mac(1), '10.0.0.1');
  await until(told, (seen) => seen.length === 2);
  await ask('p2', mac(1), '10.0.0.1');
  await until(told, (seen) => seen.length === 3);
  // The same again is no news.
  await ask('p2', mac(1), '10.0.0.1');
  await ask('p1', mac(2), '10.0.0.2');
  await until(told, (seen) => seen.some((line) => line.startsWith(mac(2))));
  expect(told().slice(0, 3)).toEqual([`${mac(1)} ${one} –`, `${mac(1)} ${one} 10.0.0.1`, `${mac(1)} ${two} 10.0.0.1`]);
  expect(told().filter((line) => line.startsWith(mac(1)))).toHaveLength(3);
  // The switch's clock; the address is kept for longer than the place, and shows nothing by itself.
  await live.appctl('time/warp', '20000');
  await holds(attached, []);
});

test('one that sends from ever new addresses fills its own share: nothing grows beyond it, others are learned', async () => {
  live = await startLiveSwitch();
  const attached = await opened(network());
  const most = 1024;
  const frames = Array.from({ length: most + 200 }, (_, index) =>
    question(mac(0x1000 + index), `10.1.${index >> 8}.${index & 0xff}`),
  );
  const atP1 = () => known(attached).filter((line) => line.includes(' p1')).length;
  // The switch drops some of a crowd. In groups: each call is a process.
  await until(
    async () => {
      for (let start = 0; start < frames.length; start += 50) {
        await live!.appctl('netdev-dummy/receive', 'p1', ...frames.slice(start, start + 50));
      }
      return atP1();
    },
    (count) => count === most,
  );
  await ask('p2', mac(2), '10.0.0.2');
  await until(
    () => known(attached),
    (found) => found.some((line) => line === `${mac(2)} p2 10.0.0.2`),
  );
  expect(atP1()).toBe(most);
  const { tables } = attached.host.apps.get('segments')!;
  for (const name of ['learned', 'seen']) {
    const dump = await live.ofctl('dump-flows', `table=${tables.get(name)}`);
    expect(dump.match(/priority=10/g), name).toHaveLength(most + 1);
  }
  expect(attached.packetIns('segments')).toBe(0);
});

test('without a file the learning switch tells of stations, by what comes to it', async () => {
  live = await startLiveSwitch();
  const seen: Station[] = [];
  const listener = defineApp({
    name: 'listener',
    attach: () => ({
      stationSeen(station) {
        seen.push(station);
      },
    }),
  });
  const attached = await opened(undefined, { apps: [listener] });
  const { dpid } = attached.site;
  await ask('p1', mac(1), '10.0.0.1');
  await until(
    () => seen.length,
    (count) => count === 1,
  );
  await ask('p1', mac(1), '10.0.0.1');
  await ask('p1', mac(1), '10.0.0.11');
  await ask('p2', mac(1), '0.0.0.0');
  await until(
    () => seen.length,
    (count) => count === 3,
  );
  const number = async (name: string) => Number(await live!.vsctl('get', 'interface', name, 'ofport'));
  const [one, two] = [await number('p1'), await number('p2')];
  expect(seen).toEqual([
    { mac: mac(1), ip: '10.0.0.1', dpid, port: one },
    { mac: mac(1), ip: '10.0.0.11', dpid, port: one },
    { mac: mac(1), ip: '10.0.0.11', dpid, port: two },
  ]);
});
