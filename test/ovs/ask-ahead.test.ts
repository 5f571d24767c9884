/** The router's service, used by NAT: the target of a forward is asked for before anybody connects. On a real ovs-vswitchd. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { buildArp, parseArp } from '../../src/packet/arp.ts';
import { type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

const network = `flowloom: 1
hosts: { hv1: }
segments:
  loc: { vlan: 100 }
  net: { vlan: 10 }
bridges:
  br0:
    hosts: [hv1]
    datapath: netdev
    ports:
      hv1/p1: { access: loc }
      hv1/p2: { access: net }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.66.66.1/24 }
      net: { segment: net, address: 10.88.88.66/24 }
nat: [forward tcp 10.88.88.66:8800 to 10.66.66.67:80]
`;

let live: LiveSwitch | undefined;
const folder = mkdtempSync(join(tmpdir(), 'flowloom-ask-'));
afterEach(async () => {
  await live?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const MAC = '02:00:00:00:00:67';
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A learned flow gives packets to 10.66.66.67 (0x0a424243) the station's MAC. */
const knowsNeighbour = (flows: string) => /reg\d+=0xa424243\b.*load:0x20000000067->NXM_OF_ETH_DST/.test(flows);

/** Addresses that ARP requests out of p1 asked for; frames of a pcap file. */
function asked(file: string): string[] {
  const bytes = readFileSync(file);
  const found: string[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    const arp = parseArp(bytes.subarray(at + 16, at + 16 + length), 14);
    if (arp?.operation === 1) found.push(arp.targetAddress);
    at += 16 + length;
  }
  return found;
}

test('the target of a forward is asked for, and its answer is known before the first packet', async () => {
  const file = join(folder, 'p1.pcap');
  live = await startLiveSwitch(['set', 'interface', 'p1', `options:tx_pcap=${file}`]);
  await live.attach(network);
  await until(
    () => asked(file),
    (seen) => seen.includes('10.66.66.67'),
  );
  // Nobody but the forward asks for it: no gateway is in the file, and no packet came.
  const routerMac = readFileSync(file).subarray(24 + 16 + 6, 24 + 16 + 12);
  const mac = [...routerMac].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  const answer = {
    operation: 2,
    senderMac: MAC,
    senderAddress: '10.66.66.67',
    targetMac: mac,
    targetAddress: '10.66.66.1',
  };
  await live.appctl('netdev-dummy/receive', 'p1', hex(buildArp(answer, mac)));
  expect(await until(() => live!.ofctl('dump-flows'), knowsNeighbour)).toContain('reg');
});
