/** `flowloom trace` of a Flowloom that runs on real Open vSwitch: what stands in its switches, word for word. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { schemas } from '../../src/api/schemas.ts';
import type { TraceReport } from '../../src/api/trace.ts';
import { misfits } from '../api/misfits.ts';
import { SOON } from '../support/soon.ts';
import { useBareSwitch } from './bare-switch.ts';
import { flowloom, run } from './program.ts';

vi.setConfig({ testTimeout: 120_000 });

const bare = useBareSwitch('trace');

const fileOf = (target: string) => `flowloom: 1
hosts: { hv1: { ovsdb: "${target}" } }
segments:
  loc: { vlan: 100, subnet: 10.1.0.0/24 }
  net: { vlan: 200, subnet: 10.2.0.0/24 }
bridges:
  br0:
    hosts: [hv1]
    datapath: netdev
    ports:
      hv1/web1: { access: loc, address: 10.1.0.5 }
      hv1/out1: { access: net }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      net: { segment: net, address: 10.2.0.1/24 }
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy:
    - loc to net accept
  rules:
    - drop telnet from loc to net
`;

test('rules of the file, somebody else’s flow, and what waits for ARP', async () => {
  const { server, folder } = bare;
  writeFileSync(join(folder, 'net.yaml'), fileOf(server.target));
  const running = await run(['net.yaml'], folder);
  bare.cleanups.push(() => running.stop());
  const ask = async (words: string) => {
    const { code, stdout, stderr } = await flowloom(['trace', ...words.split(' '), '--api', running.api], folder);
    return { code, stdout, stderr };
  };
  await vi.waitFor(async () => {
    const [one] = (await running.status()).switches;
    expect(one?.state).toBe('up');
    expect(one?.ports.map(({ name }) => name)).toEqual(expect.arrayContaining(['web1', 'out1']));
  }, SOON);
  await bare.ofctl('br0', 'add-flow', 'table=24,priority=60000,udp,tp_dst=7,actions=drop');
  // Ports are closed until it is known what is behind them, and the mirror hears of flows a moment later.
  const settled = (words: string, verdict: RegExp) =>
    vi.waitFor(async () => {
      const told = await ask(words);
      expect(told).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(verdict) });
      // Open vSwitch chooses the numbers of ports.
      return told.stdout.replaceAll(/(?<=in_port=|\(port )\d+/g, '…');
    }, SOON);
  expect(await settled('from web1 tcp to 10.2.0.9:telnet', /dropped by firewall/)).toMatchInlineSnapshot(`
    "10.1.0.5:49152 → 10.2.0.9:23 tcp syn
      in by hv1/br0:web1, MAC 02:00:00:00:00:01 → 0e:60:2c:72:00:7c
      taken: from MAC 02:00:00:00:00:01: no station is known behind web1
      taken: from 10.1.0.5: the file has it
      taken: to MAC 0e:60:2c:72:00:7c: 10.2.0.9 is reached by router edge

    hv1/br0, in by web1 (port …)
        2 classify         segments: port web1 (net.yaml:11)
                           priority=100,in_port=…
       12 vlan-in          segments: segment loc from port web1 (access) (net.yaml:11)
                           priority=100,in_port=…,vlan_tci=0x0000/0x1fff
       24 admit            segments: port web1 sends from 10.1.0.5 only (net.yaml:11)
                           priority=100,ip,in_port=…,nw_src=10.1.0.5
       36 learn            segments: learn a station at port web1 (net.yaml:11)
                           priority=10,in_port=…
       68 fork             router: to router edge by loc (net.yaml:17)
                           priority=100,ip,metadata=0x64/0xffff,dl_dst=0e:60:2c:72:00:7c
       92 conntrack        router: router edge: connections are tracked (net.yaml:14)
                           priority=100,ip,reg7=0x4b50/0xffff
                           conntrack, zone 19280 (router edge): new
      116 save             router: router edge: remember the connection's state (net.yaml:14)
                           priority=100,reg7=0x4b50/0xffff
      128 route            router: router edge: TTL less one (net.yaml:14)
                           priority=100,ip,reg7=0x4b50/0xffff
                           ip_ttl: 64 → 63
      130 route.lookup     router: 10.2.0.1/24 is connected to edge/net (net.yaml:18)
                           priority=124,ip,reg7=0x4b50/0xffff,nw_dst=10.2.0.0/24
    > 140 firewall.filter  firewall: drop telnet from loc to net (net.yaml:24)
                           priority=35000,tcp,reg1=0x1,reg4=0x2,reg7=0x4b50/0xffff,tp_dst=23 actions=drop
      (5 steps more with --all)

    verdict: dropped by firewall: drop telnet from loc to net (net.yaml:24)
    "
  `);
  expect(await settled('from web1 udp to 10.1.0.1:7', /not Flowloom's/)).toMatchInlineSnapshot(`
    "10.1.0.5:49152 → 10.1.0.1:7 udp
      in by hv1/br0:web1, MAC 02:00:00:00:00:01 → 0e:60:2c:72:00:7c
      taken: from MAC 02:00:00:00:00:01: no station is known behind web1
      taken: from 10.1.0.5: the file has it
      taken: to MAC 0e:60:2c:72:00:7c: 10.1.0.1 is router edge

    hv1/br0, in by web1 (port …)
        2 classify  segments: port web1 (net.yaml:11)
                    priority=100,in_port=…
       12 vlan-in   segments: segment loc from port web1 (access) (net.yaml:11)
                    priority=100,in_port=…,vlan_tci=0x0000/0x1fff
    >  24 admit     not Flowloom's (cookie 0x0000000000000000)
                    priority=60000,udp,tp_dst=7 actions=drop
      (1 step more with --all)

    verdict: dropped by a flow that is not Flowloom's, in table 24 admit (cookie 0x0000000000000000)
    "
  `);
  const waits = await settled('from web1 tcp to 10.2.0.9:80', /to the controller/);
  expect(waits.split('\n').at(-2)).toBe(
    'verdict: to the controller: router: the next hop must be asked for: meanwhile the first packets wait',
  );
  // What the words say is looked at here, what they mean where the switches are known.
  expect(await ask('from web1 tpc to 10.2.0.9:80')).toMatchObject({ code: 2, stdout: '' });
  expect(await ask('from web9 ping 10.2.0.9')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'column 6: there is no port "web9"; did you mean web1?\n  from web9 ping 10.2.0.9\n       ^\n',
  });
});

test('without a file: the learning switch, and the answer as OpenAPI describes it', async () => {
  const { server, folder } = bare;
  const running = await run([], folder);
  bare.cleanups.push(() => running.stop());
  await server.vsctl(
    ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy'],
    ...['--', 'add-port', 'br0', 'p1', '--', 'set', 'interface', 'p1', 'type=dummy'],
    ...['--', 'set-controller', 'br0', `tcp:127.0.0.1:${running.openflowPort}`],
  );
  await vi.waitFor(async () => {
    const [one] = (await running.status()).switches;
    expect([one?.state, one?.ports.map(({ name }) => name)]).toEqual(['up', expect.arrayContaining(['p1'])]);
  }, SOON);
  const headers = { 'content-type': 'application/json' };
  const post = async (body: object) => {
    const answer = await fetch(`${running.api}/api/v1/trace`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as TraceReport };
  };
  const { body } = await vi.waitFor(async () => {
    const told = await post({ words: 'from p1 ping 10.0.0.2' });
    expect(told.body.packets[0]?.verdict?.text).toMatch(/^to the controller: learning-switch: /);
    return told;
  }, SOON);
  expect(misfits(body, { $ref: '#/components/schemas/TraceReport' }, schemas, 'the report')).toEqual([]);
  expect(body).toMatchObject({ on: 'switches', file: null });
  expect(await post({ words: 'from p9 ping 10.0.0.2' })).toMatchObject({
    status: 400,
    body: { error: { code: 'bad-words', message: expect.stringMatching(/^column 6: there is no port "p9"/) } },
  });
});
