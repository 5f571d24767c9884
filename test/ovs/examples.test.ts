/** The examples on a real ovs-vswitchd: what their tests say on a simulated switch is so there, too. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import loadBalancer from '../../examples/load-balancer/index.ts';
import portKnocking from '../../examples/port-knocking/index.ts';
import { hexText } from '../../proto/wire/address.ts';
import type { AnyApp } from '../../src/app/define-app.ts';
import { packet } from '../../src/testing/packet.ts';
import { type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

let live: LiveSwitch;
beforeAll(async () => {
  live = await startLiveSwitch();
});
afterAll(() => live.stop());

const tcp = (src: string, dst: string, tcpFields: { srcPort: number; dstPort: number }, flag: 'syn' | 'ack' = 'syn') =>
  packet.layers({
    eth: { src: '02:00:00:00:00:01', dst: '02:00:00:00:00:09' },
    ipv4: { src, dst },
    tcp: { ...tcpFields, flags: [flag] },
  });

/** What the switch does with it, to the end. */
async function trace(port: string, frame: Uint8Array): Promise<string> {
  return live.appctl('ofproto/trace', 'br0', `in_port=${port}`, hexText(frame));
}

test('port-knocking: three right knocks set the flow that lets in', async () => {
  const attached = await live.attach(undefined, { apps: [portKnocking as AnyApp] });
  await attached.opened();
  const knock = (dstPort: number) =>
    live.appctl('netdev-dummy/receive', 'p1', hexText(tcp('10.0.0.1', '10.0.0.9', { srcPort: 40000, dstPort })));
  const telnet = tcp('10.0.0.1', '10.0.0.9', { srcPort: 40000, dstPort: 22 });
  expect(await trace('p1', telnet)).toMatch(/priority 100[\s\S]*drop[\s\S]*Datapath actions: drop/);
  for (const [index, port] of [7000, 8000, 9000].entries()) {
    await knock(port);
    await until(
      () => attached.packetIns('port-knocking'),
      (count) => count === index + 1,
    );
  }
  await until(
    () => live.ofctl('dump-flows'),
    (dump) => /idle_timeout=60, send_flow_rem priority=200,tcp,nw_src=10\.0\.0\.1,tp_dst=22/.test(dump),
  );
  // On to the switching, whose learning switch does not know the station.
  expect(await trace('p1', telnet)).toMatch(/priority 200[\s\S]*Datapath actions: userspace/);
  expect(attached.failures).toEqual([]);
  expect(attached.refused).toEqual([]);
  attached.close();
});

test('load-balancer: a new connection gets a server by weight, and the connection table remembers it', async () => {
  const config = {
    address: '10.0.0.100',
    port: 80,
    servers: [
      { address: '10.0.0.11', mac: '02:00:00:00:00:11', weight: 3 },
      { address: '10.0.0.12', mac: '02:00:00:00:00:12' },
    ],
  };
  const settled = z.unknown().transform(() => loadBalancer.config!.parse(config));
  const attached = await live.attach(undefined, { apps: [{ ...loadBalancer, config: settled } as AnyApp] });
  await attached.opened();
  const connections = async () => {
    const dump = await live.appctl('dpctl/dump-conntrack');
    return [...dump.matchAll(/dst=10\.0\.0\.100,sport=(\d+),dport=80\),reply=\(src=10\.0\.0\.(\d+)/g)];
  };
  const send = (srcPort: number, flag: 'syn' | 'ack') =>
    live.appctl('netdev-dummy/receive', 'p1', hexText(tcp('10.0.0.1', '10.0.0.100', { srcPort, dstPort: 80 }, flag)));
  const ports = Array.from({ length: 60 }, (_, index) => 40000 + index);
  for (const port of ports) await send(port, 'syn');
  const found = await until(connections, (seen) => seen.length === ports.length);
  const chosen = new Map(found.map(([, port, server]) => [Number(port), server]));
  const heavy = [...chosen.values()].filter((server) => server === '11').length;
  expect(heavy).toBeGreaterThan(30);
  expect(heavy).toBeLessThan(60);
  // Each packet that follows goes where the first one went.
  for (const [port, server] of [...chosen].slice(0, 5)) {
    const traced = await live.appctl(
      ...['ofproto/trace', 'br0', 'in_port=p1', '--ct-next', 'trk,est,dnat'],
      hexText(tcp('10.0.0.1', '10.0.0.100', { srcPort: port, dstPort: 80 }, 'ack')),
    );
    expect(traced).toContain('nat');
    await send(port, 'ack');
    expect(new Map((await connections()).map(([, at, to]) => [Number(at), to])).get(port)).toBe(server);
  }
  expect(attached.failures).toEqual([]);
  expect(attached.refused).toEqual([]);
  attached.close();
});
