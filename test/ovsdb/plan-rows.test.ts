/** What the file can say of a host, from its text to the rows of a real ovsdb-server, and back to none. */

import { describe, expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { desiredHost } from '../../src/ovsdb/manager/desired.ts';
import { planHost } from '../../src/ovsdb/manager/plan.ts';
import type { Plan } from '../../src/ovsdb/manager/plan-builder.ts';
import { SOON } from '../support/soon.ts';
import { plannedServer } from './plan-support.ts';

const controllerTarget = 'tcp:127.0.0.1:6653';

const at = plannedServer();
const { vsctl } = at;

function plan(text: string, missing?: ReadonlySet<string>): Plan {
  const loaded = parseConfig(text, 'f.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return planHost(at.snapshot(), desiredHost(loaded.config, 'hv1', { controllerTarget }), missing);
}

const apply = (text: string) => at.apply(() => plan(text));

/** The file's head, and the bridge br0 on hv1 with what is given. */
const file = (bridge: string, head = '', host = '') => `flowloom: 1
${head}
hosts: { hv1: { ovsdb: "tcp:10.0.0.1:6640", underlay: 192.168.50.4${host} } }
segments: { loc: { vlan: 100 }, dmz: { vlan: 200 }, net: { vlan: 10 } }
bridges:
  br0:
    hosts: [hv1]
${bridge}
`;
const ports = (...lines: string[]) => ['    ports:', ...lines.map((line) => `      hv1/${line}`)].join('\n');
const words = ({ changes }: Plan) => changes.map((line) => line.replace(/ \(f\.yaml.*/, ''));
const get = (table: string, row: string, ...columns: string[]) => vsctl('get', table, row, ...columns);

describe('ports', () => {
  const everything = ports(
    'web1: { access: loc, ofport: 7, policing: { rate: 1000, burst: 100, packetRate: 5 } }',
    'eth1: { trunk: [loc], native-tagged: net }',
    'tap0: { type: internal, mac: "02:00:00:00:00:07", mtu: 1400, interface: { external_ids: { iface-id: vm1 } } }',
    'vx1: { type: vxlan, options: { remote_ip: 10.0.0.2, key: 5000 }, bfd: { min_tx: 500 }, trunk: [loc, dmz] }',
    'er1: { type: erspan, options: { remote_ip: 10.0.0.3, key: 1, erspan_ver: 1, erspan_idx: 7 } }',
    'pa: { type: patch, peer: pb }',
    'pb: { type: patch, peer: pa }',
    'out: { qos: { maxRate: 10000000, queues: { 0: { maxRate: 5000000 }, 7: { minRate: 1000, priority: 1, dscp: 46 } } } }',
    'lldp1: { columns: { protected: true, other_config: { a: 1 } }, interface: { lldp: { enable: true } } }',
  );

  test('of every kind, and gone without a trace', async () => {
    const made = await apply(file(everything));
    expect(made.refused).toEqual([]);
    expect(words(made)).toEqual([
      'br0: create bridge (system, secure, tcp:127.0.0.1:6653)',
      'br0: add port web1',
      'br0: add port eth1',
      'br0: add internal port tap0',
      'br0: add vxlan port vx1',
      'br0: add erspan port er1',
      'br0: add patch port pa',
      'br0: add patch port pb',
      'br0: add port out',
      'br0: add port lldp1',
    ]);
    expect(await get('interface', 'web1', 'ofport_request', 'ingress_policing_rate', 'ingress_policing_burst')).toBe(
      '7\n1000\n100',
    );
    expect(await get('interface', 'web1', 'ingress_policing_kpkts_rate')).toBe('5');
    expect(await get('interface', 'tap0', 'type', 'mac', 'mtu_request', 'external_ids')).toBe(
      'internal\n"02:00:00:00:00:07"\n1400\n{flowloom=main, flowloom-keys=iface-id, iface-id=vm1}',
    );
    expect(await get('interface', 'vx1', 'type', 'options', 'bfd')).toBe(
      'vxlan\n{key="5000", remote_ip="10.0.0.2"}\n{enable="true", min_tx="500"}',
    );
    expect(await get('interface', 'er1', 'type', 'options')).toBe(
      'erspan\n{erspan_idx="7", erspan_ver="1", key="1", remote_ip="10.0.0.3"}',
    );
    expect(await get('interface', 'pa', 'type', 'options')).toBe('patch\n{peer=pb}');
    expect(await get('port', 'lldp1', 'protected', 'other_config')).toBe('true\n{a="1"}');
    expect(await get('interface', 'lldp1', 'lldp')).toBe('{enable="true"}');
    const qos = await get('port', 'out', 'qos');
    expect(await get('qos', qos, 'type', 'other_config', 'external_ids')).toBe(
      'linux-htb\n{max-rate="10000000"}\n{flowloom=main}',
    );
    expect(await vsctl('get', 'queue', (await get('qos', qos, 'queues:7')).trim(), 'dscp', 'other_config')).toBe(
      '46\n{min-rate="1000", priority="1"}',
    );
    const other = await vsctl(
      '--',
      '--id=@p',
      'create',
      'port',
      'name=theirs',
      'interfaces=@i',
      `qos=${qos}`,
      '--',
      '--id=@i',
      'create',
      'interface',
      'name=theirs',
      '--',
      'add',
      'bridge',
      'br0',
      'ports',
      '@p',
    );
    expect(words(plan(file(ports('web1: { access: loc }')))), other).not.toContain('remove QoS linux-htb');
    await vsctl('del-port', 'theirs');
    const gone = await apply(file(ports('web1: { access: loc }')));
    expect(gone.refused).toEqual([]);
    expect(words(gone)).toContain(
      'br0/web1: set ingress_policing_rate 0, was 1000, set ingress_policing_burst 0, was 100, set ingress_policing_kpkts_rate 0, was 5, clear ofport_request, was 7',
    );
    expect(await at.server.dump('QoS', '_uuid')).not.toMatch(/[0-9a-f]{8}-/);
    expect(await at.server.dump('Queue', '_uuid')).not.toMatch(/[0-9a-f]{8}-/);
    expect((await vsctl('list-ports', 'br0')).trim()).toBe('web1');
  });

  test('a queue that changes changes alone, in place', async () => {
    const shaped = (queues: string) => file(ports(`out: { qos: { maxRate: 10000000, queues: { ${queues} } } }`));
    await apply(shaped('0: { maxRate: 5000000 }, 1: { maxRate: 1000 }'));
    const qos = await get('port', 'out', 'qos');
    const zero = await get('qos', qos, 'queues:0');
    const made = await apply(shaped('0: { maxRate: 6000000 }, 2: { maxRate: 7 }'));
    expect(words(made)).toEqual([
      'br0/out: set other_config:max-rate=6000000, was 5000000',
      'br0/out: add Queue 2',
      'br0/out: remove Queue 1',
      'remove Queue',
    ]);
    expect(await get('port', 'out', 'qos')).toBe(qos);
    expect(await get('qos', qos, 'queues:0')).toBe(zero);
    expect(await get('queue', zero, 'other_config')).toBe('{max-rate="6000000"}');
  });

  test('on a bridge that is left as it is keep their QoS and queues', async () => {
    const shaped = ports('out: { access: loc, qos: { maxRate: 10000000, queues: { 1: { minRate: 1000 } } } }');
    await apply(file(`    forwarding: normal\n${shaped}`));
    // It would get its first controller, for which the file gives no leave.
    expect(plan(file(shaped))).toMatchObject({
      operations: [],
      changes: [],
      refused: [expect.stringContaining('adopt')],
    });
    await apply(file(`    adopt: true\n${shaped}`));
    // Somebody has taken the bridge away from Flowloom, and not the port.
    await vsctl('remove', 'bridge', 'br0', 'external_ids', 'flowloom');
    expect(plan(file(shaped))).toMatchObject({
      operations: [],
      changes: [],
      refused: [expect.stringContaining('adopt')],
    });
    // A port that no Open vSwitch could make stays as it was, with all that it has.
    await vsctl(
      'set',
      'bridge',
      'br0',
      'external_ids:flowloom=main',
      '--',
      'set',
      'Open_vSwitch',
      '.',
      'iface_types=system,internal',
    );
    const other = file(ports('out: { access: loc, type: tap }'));
    expect(plan(other)).toMatchObject({ changes: [], refused: [expect.stringContaining('no interface type tap')] });
    await apply(file(ports('other: { access: loc }')));
    expect(await at.server.dump('QoS', '_uuid')).not.toMatch(/[0-9a-f]{8}-/);
    expect(await at.server.dump('Queue', '_uuid')).not.toMatch(/[0-9a-f]{8}-/);
  });

  test('bonds on a bridge that forwards by itself', async () => {
    const bonded = (members: string, more = '') =>
      file(`    forwarding: normal\n${ports(`bond0: { bond: [${members}], trunk: [loc], native: net${more} }`)}`);
    const made = await apply(bonded('eth1, eth2', ', bondMode: balance-tcp, lacp: active'));
    expect(words(made)).toContain('br0: add bond port bond0 native-untagged 10 [100]');
    expect(await get('port', 'bond0', 'bond_mode', 'lacp', 'vlan_mode')).toBe('balance-tcp\nactive\nnative-untagged');
    expect((await vsctl('list-ifaces', 'br0')).split('\n').sort()).toEqual(['eth1', 'eth2']);
    const eth1 = await get('interface', 'eth1', '_uuid');
    expect(words(await apply(bonded('eth1, eth3')))).toEqual([
      'br0/bond0: set bond_mode active-backup, was balance-tcp, set lacp off, was active',
      'br0/bond0: add interface eth3',
      'br0/bond0: remove interface eth2',
    ]);
    expect(await get('interface', 'eth1', '_uuid')).toBe(eth1);
    // A member becomes a port of its own in one transaction.
    const apart = file(`    forwarding: normal\n${ports('eth1: { access: loc }', 'eth3: { access: loc }')}`);
    expect((await apply(apart)).refused).toEqual([]);
    expect((await vsctl('list-ports', 'br0')).split('\n').sort()).toEqual(['eth1', 'eth3']);
  });

  test('VLAN modes that NORMAL heeds', async () => {
    await apply(file(`    forwarding: normal\n${ports('a: { trunk: [loc], native-tagged: net }')}`));
    expect(await get('port', 'a', 'vlan_mode', 'tag', 'trunks')).toBe('native-tagged\n10\n[100]');
    await apply(file(`    forwarding: normal\n${ports('a: { trunk: [loc, dmz] }')}`));
    expect(await get('port', 'a', 'vlan_mode', 'tag', 'trunks')).toBe('trunk\n[]\n[100, 200]');
  });

  test('external_ids: what the file sets comes and goes, others’ keys stay', async () => {
    const ids = (map: string) => file(ports(`a: { interface: { external_ids: { ${map} } } }`));
    await apply(ids('iface-id: vm1, role: web'));
    await vsctl('set', 'interface', 'a', 'external_ids:note=mine');
    expect(plan(ids('iface-id: vm1, role: web')).changes).toEqual([]);
    expect(words(await apply(ids('iface-id: vm2')))).toEqual([
      'br0/a: set external_ids:iface-id=vm2, was vm1, remove external_ids:role',
    ]);
    await apply(file(ports('a:')));
    expect(await get('interface', 'a', 'external_ids')).toBe('{flowloom=main, note=mine}');
  });

  test('a type that this Open vSwitch lacks is left out, and told with those that it has', async () => {
    await vsctl('set', 'Open_vSwitch', '.', 'iface_types=[internal,system,vxlan]');
    const made = await apply(
      file(ports('st1: { type: stt, options: { remote_ip: 10.0.0.2 } }', 'web1: { access: loc }')),
    );
    expect(made.refused).toEqual([
      'br0: Open vSwitch there has no interface type stt, so port st1 is left out (f.yaml:9); it has internal, system, vxlan',
    ]);
    expect((await vsctl('list-ports', 'br0')).trim()).toBe('web1');
  });

  test('a column that an older schema lacks is left out and told', async () => {
    const shaped = file(ports('web1: { policing: { packetRate: 5, rate: 100 } }'));
    const missing = new Set(['Interface.ingress_policing_kpkts_rate', 'Interface.ingress_policing_kpkts_burst']);
    const made = plan(shaped, missing);
    expect(made.refused).toEqual([
      'br0/web1: Open vSwitch there has no column Interface.ingress_policing_kpkts_rate, so it is left out (f.yaml:9)',
    ]);
    expect(JSON.stringify(made.operations)).not.toContain('kpkts');
    await at.client.transact('Open_vSwitch', made.operations);
    await vi.waitFor(() => expect(plan(shaped, missing).operations).toEqual([]), SOON);
  });
});

describe('bridges', () => {
  const monitored = file(`    stp: true
    macAging: 60
    datapathId: "00000000000000AA"
    protocols: [OpenFlow13, OpenFlow14]
    columns:
      mcast_snooping_enable: true
      flood_vlans: [7]
      netflow: { targets: ["10.0.0.9:2055"], active_timeout: 30 }
      sflow: { targets: "10.0.0.9:6343", sampling: 64 }
      ipfix: { targets: ["10.0.0.9:4739"], obs_domain_id: 1 }
      flow_tables: { 10: { name: ten, flow_limit: 100, overflow_policy: evict } }
      auto_attach: { system_name: here, mappings: { 1000: 10 } }
    controllers: [{ target: flowloom, maxBackoff: 1000, rateLimit: 200, burstLimit: 50 }, "tcp:10.0.0.9:6653"]
    mirrors:
      span: { of: hv1/a, to: hv1/c }
      in: { of: [hv1/a, hv1/b], direction: in, vlans: [loc, 300], to: hv1/c }
${ports('a: { access: loc }', 'b: { access: loc }', 'c:')}`);

  test('with everything that Open vSwitch monitors and mirrors, and without it again', async () => {
    const made = await apply(monitored);
    expect(made.refused).toEqual([]);
    expect(await get('bridge', 'br0', 'stp_enable', 'protocols', 'mcast_snooping_enable', 'flood_vlans')).toBe(
      'true\n[OpenFlow13, OpenFlow14]\ntrue\n[7]',
    );
    expect(await get('bridge', 'br0', 'other_config')).toBe(
      '{datapath-id="00000000000000aa", disable-in-band="true", mac-aging-time="60"}',
    );
    expect(await vsctl('--bare', '--columns=targets,active_timeout', 'list', 'netflow')).toBe('10.0.0.9:2055\n30');
    expect(await vsctl('--bare', '--columns=targets,sampling', 'list', 'sflow')).toBe('10.0.0.9:6343\n64');
    expect(await vsctl('--bare', '--columns=targets,obs_domain_id', 'list', 'ipfix')).toBe('10.0.0.9:4739\n1');
    expect(await vsctl('--bare', '--columns=name,flow_limit,overflow_policy', 'list', 'flow_table')).toBe(
      'ten\n100\nevict',
    );
    expect(await vsctl('--bare', '--columns=system_name,mappings', 'list', 'autoattach')).toBe('here\n1000=10');
    expect((await vsctl('get-controller', 'br0')).split('\n').sort()).toEqual(['tcp:10.0.0.9:6653', controllerTarget]);
    const own = `target="${controllerTarget}"`;
    expect(
      await vsctl(
        '--bare',
        '--columns=max_backoff,controller_rate_limit,controller_burst_limit',
        'find',
        'controller',
        own,
      ),
    ).toBe('1000\n200\n50');
    const uuids = Object.fromEntries(
      await Promise.all(['a', 'b', 'c'].map(async (name) => [name, await get('port', name, '_uuid')] as const)),
    );
    const mirror = (name: string, ...columns: string[]) => vsctl('get', 'mirror', name, ...columns);
    expect(await mirror('span', 'select_src_port', 'select_dst_port', 'output_port', 'select_all')).toBe(
      `[${uuids.a}]\n[${uuids.a}]\n${uuids.c}\nfalse`,
    );
    expect((await mirror('in', 'select_src_port')).slice(1, -1).split(', ').sort()).toEqual([uuids.a, uuids.b].sort());
    expect(await mirror('in', 'select_dst_port', 'select_vlan')).toBe('[]\n[100, 300]');

    // A port that is made anew is mirrored in the same transaction.
    const changed = monitored
      .replace('span: { of: hv1/a,', 'span: { of: hv1/d,')
      .replace('hv1/c:', 'hv1/c:\n      hv1/d:');
    expect(words(await apply(changed))).toEqual([
      'br0: add port d',
      'br0: set select_src_port [d], set select_dst_port [d]',
    ]);
    expect(await mirror('span', 'select_src_port')).toBe(`[${await get('port', 'd', '_uuid')}]`);

    await apply(file(ports('a: { access: loc }')));
    expect(await get('bridge', 'br0', 'stp_enable', 'mcast_snooping_enable', 'flood_vlans', 'netflow', 'mirrors')).toBe(
      'false\nfalse\n[]\n[]\n[]',
    );
    for (const table of ['NetFlow', 'sFlow', 'IPFIX', 'Mirror', 'Flow_Table', 'AutoAttach']) {
      expect(await at.server.dump(table, '_uuid'), table).not.toMatch(/[0-9a-f]{8}-/);
    }
    expect(await vsctl('get-controller', 'br0')).toBe(controllerTarget);
  });

  test('with a mirror into a VLAN where Open vSwitch forwards by itself', async () => {
    const mirrored = file(
      `    forwarding: normal\n    mirrors: { rspan: { of: all, toVlan: 99 } }\n${ports('a: { access: loc }')}`,
    );
    expect((await apply(mirrored)).refused).toEqual([]);
    expect(await vsctl('get', 'mirror', 'rspan', 'select_all', 'output_vlan', 'output_port')).toBe('true\n99\n[]');
    expect(words(await apply(mirrored.replace('toVlan: 99', 'toVlan: 98')))).toEqual([
      'br0: set output_vlan 98, was 99',
    ]);
  });

  test('what others put beside ours stays; where there is room for one only, ours is refused', async () => {
    const plain = file(ports('a: { access: loc }'));
    await apply(plain);
    await vsctl(
      '--',
      '--id=@n',
      'create',
      'netflow',
      'targets="10.1.1.1:1"',
      '--',
      'set',
      'bridge',
      'br0',
      'netflow=@n',
    );
    await vsctl('--', '--id=@m', 'create', 'mirror', 'name=theirs', '--', 'add', 'bridge', 'br0', 'mirrors', '@m');
    await vsctl('--', '--id=@q', 'create', 'qos', 'type=linux-sfq', '--', 'set', 'port', 'a', 'qos=@q');
    expect(plan(plain)).toMatchObject({ changes: [], refused: [] });
    const wanted = file(
      `    columns: { netflow: { targets: ["10.0.0.9:2055"] } }\n    mirrors: { m: { of: hv1/a, to: hv1/b } }\n${ports('a: { access: loc, qos: { maxRate: 7 } }', 'b:')}`,
    );
    const made = await apply(wanted);
    expect(made.refused).toEqual([
      expect.stringMatching(
        /^br0\/a: its qos is not Flowloom's \(f.yaml:\d+\); clear it there \(ovs-vsctl clear Port a qos\)/,
      ),
      expect.stringMatching(/^br0: its netflow is not Flowloom's .*ovs-vsctl clear Bridge br0 netflow/),
    ]);
    expect((await vsctl('--bare', '--columns=name', 'list', 'mirror')).split(/\n+/).sort()).toEqual(['m', 'theirs']);
    await apply(file(ports('a: { access: loc }', 'b:')));
    expect(await vsctl('--bare', '--columns=name', 'list', 'mirror')).toBe('theirs');
    expect(await vsctl('--bare', '--columns=targets', 'list', 'netflow')).toBe('10.1.1.1:1');
    expect(await vsctl('--bare', '--columns=type', 'list', 'qos')).toBe('linux-sfq');
  });
});

describe('whose a row is', () => {
  test('a bridge is taken over with the ports that the file lists, and nothing else', async () => {
    await vsctl('add-br', 'br0', '--', 'add-port', 'br0', 'web1', 'tag=7', '--', 'add-port', 'br0', 'other1');
    await vsctl('set', 'bridge', 'br0', 'stp_enable=true', 'other_config:a=b', 'external_ids:note=mine');
    const untouched = await vsctl('list', 'port', 'other1');
    const text = file(`    adopt: true\n${ports('web1: { access: loc }')}`);
    const made = await apply(text);
    expect(words(made)).toEqual([
      'br0/br0: take it over',
      'br0/br0: take it over',
      'br0/web1: take it over, clear tag, was 7',
      'br0/web1: take it over',
      'br0: take it over, set stp_enable false, was true, set fail_mode secure, set other_config:disable-in-band=true, remove other_config:a',
      `br0: add controller ${controllerTarget}`,
    ]);
    expect(made.flushes).toEqual([{ bridge: 'br0', source: 'f.yaml:6', why: 'it gets its first controller' }]);
    expect(await get('bridge', 'br0', 'external_ids')).toBe('{flowloom=main, note=mine}');
    expect(await vsctl('list', 'port', 'other1')).toBe(untouched);
    // Once taken over it is Flowloom's, `adopt` or not.
    expect(plan(file(ports('web1: { access: loc }')))).toMatchObject({ changes: [], refused: [] });
  });

  test('two owners: each keeps to its own, and both are named where they meet', async () => {
    await apply(file(ports('web1: { access: loc }'), 'owner: alice'));
    expect(await get('bridge', 'br0', 'external_ids')).toBe('{flowloom=alice}');
    const bob = file(ports('web1: { access: loc }'), 'owner: bob');
    expect(plan(bob)).toMatchObject({
      operations: [],
      refused: [expect.stringMatching(/^bridge br0 is another Flowloom's \(its `owner` is alice, here it is bob\)/)],
    });
    // Two with `adopt` would take it from each other for ever.
    const adopting = file(`    adopt: true\n${ports('web1: { access: loc }')}`, 'owner: bob');
    expect(plan(adopting)).toMatchObject({ operations: [], refused: [expect.stringContaining('br-set-external-id')] });
    // Handed over as the message says, it is bob's with its ports, and plan names who had them.
    await vsctl('br-set-external-id', 'br0', 'flowloom', 'bob');
    expect(words(plan(adopting))).toContain('br0/web1: take it over from alice');
    await vsctl('br-set-external-id', 'br0', 'flowloom', 'alice');
    // On a bridge of its own bob may not have alice's port either.
    const second = bob.replace('br0:', 'br1:');
    expect((await apply(second)).refused).toEqual([
      expect.stringMatching(
        /^br1: port web1 is on bridge br0 and is another Flowloom's \(its `owner` is alice, here it is bob\) \(f\.yaml:9\)/,
      ),
    ]);
    // Neither takes the other's away when it has nothing left.
    await apply('flowloom: 1\nowner: bob\nhosts: { hv1: }\n');
    expect(await vsctl('list-br')).toBe('br0');
    await apply('flowloom: 1\nowner: alice\nhosts: { hv1: }\n');
    expect(await vsctl('list-br')).toBe('');
  });

  test('a port that somebody puts on a bridge of ours while it is removed keeps it', async () => {
    await apply(file(ports('a:')));
    const empty = 'flowloom: 1\nhosts: { hv1: }\n';
    const made = plan(empty);
    await at.server.vsctl('add-port', 'br0', 'late');
    await expect(at.client.transact('Open_vSwitch', made.operations)).rejects.toThrow(/wait Bridge: timed out/);
    expect((await vsctl('list-ports', 'br0')).split('\n')).toEqual(['a', 'late']);
    expect(plan(empty).refused).toEqual([
      expect.stringMatching(/^br0: the bridge is no longer in the file but holds late/),
    ]);
    await vsctl('del-port', 'late');
    await apply(empty);
    expect(await vsctl('list-br')).toBe('');
  });

  test('the first controller of a bridge of ours needs leave; one that somebody took away does not', async () => {
    await apply(file(`    forwarding: normal\n${ports('a: { access: loc }')}`));
    expect(plan(file(ports('a: { access: loc }')))).toMatchObject({
      operations: [],
      refused: [expect.stringMatching(/^br0: Open vSwitch removes every flow.*adopt: true/)],
    });
    const flows = file(`    adopt: true\n${ports('a: { access: loc }')}`);
    expect((await apply(flows)).flushes).toHaveLength(1);
    await vsctl('del-controller', 'br0');
    expect(words(await apply(file(ports('a: { access: loc }'))))).toEqual([`br0: add controller ${controllerTarget}`]);
    expect((await apply(file(`    forwarding: normal\n${ports('a: { access: loc }')}`))).flushes).toEqual([
      { bridge: 'br0', source: 'f.yaml:6', why: 'it loses its last controller' },
    ]);
  });
});

describe('what another has already does not stop the rest', () => {
  test('a manager with the same target: used where it fits, else only that line is refused', async () => {
    await vsctl('set-manager', 'ptcp:6641');
    const fits = file(ports('a:'), '', ', managers: ["ptcp:6641"]');
    expect(await apply(fits)).toMatchObject({ refused: [] });
    const other = file(ports('a:', 'b:'), '', ', managers: [{ target: "ptcp:6641", inactivityProbe: 5000 }]');
    const made = await apply(other);
    expect(words(made)).toEqual(['br0: add port b']);
    expect(made.refused).toEqual([
      expect.stringMatching(
        /^Open_vSwitch: manager ptcp:6641 is not Flowloom's, and the file would .*5000 \(f\.yaml:3\)/,
      ),
    ]);
    await apply(file(ports('a:')));
    expect(await vsctl('get-manager')).toBe('ptcp:6641');
  });

  test('an interface in a port of ours whose external_ids somebody cleared is ours again', async () => {
    await apply(file(ports('web1: { access: loc }')));
    await vsctl('clear', 'interface', 'web1', 'external_ids');
    expect(words(await apply(file(ports('web1: { access: loc, mtu: 1400 }'))))).toEqual([
      'br0/web1: take it over, set mtu_request 1400',
    ]);
  });

  test('a QoS and a queue of ours that others use stay for as long as they do', async () => {
    const queues = 'queues: { 1: { maxRate: 7 }, 2: { maxRate: 9 } }';
    await apply(file(ports(`a: { qos: { type: linux-htb, ${queues} } }`)));
    await vsctl('add-port', 'br0', 'theirs');
    const qos = await get('port', 'a', 'qos');
    await vsctl('set', 'port', 'theirs', `qos=${qos}`);
    expect(words(await apply(file(ports('a:', 'b:'))))).toEqual([
      expect.stringMatching(/^br0\/a: remove QoS/),
      'br0: add port b',
    ]);
    expect(await get('port', 'theirs', 'qos')).toBe(qos);
    expect((await vsctl('--bare', '--columns=_uuid', 'list', 'queue')).split(/\n+/)).toHaveLength(2);
    const queue = (await vsctl('get', 'qos', qos, 'queues')).replace(/.*1=([-0-9a-f]+).*/, '$1');
    const own = await vsctl('create', 'qos', 'type=linux-htb', `queues:5=${queue}`);
    await vsctl('clear', 'port', 'theirs', 'qos');
    await apply(file(ports('a:')));
    expect(await vsctl('--bare', '--columns=_uuid', 'list', 'queue')).toBe(queue);
    await vsctl('destroy', 'qos', own);
    await apply(file(ports('a:')));
    expect(await vsctl('--bare', '--columns=_uuid', 'list', 'queue')).toBe('');
  });

  test('an interface of our bond on a bridge that is left as it is', async () => {
    await apply(file(`    forwarding: normal\n${ports('b0: { bond: [e1, e2] }')}`));
    await vsctl('add-port', 'br0', 'theirs');
    const moved = file(ports('e1:', 'z:')).replace('br0:', 'br1:');
    const made = await apply(moved);
    expect(made.refused).toEqual([
      expect.stringMatching(
        /^br1: e1 is an interface of port b0 on bridge br0, which is left as it is \(f\.yaml:\d+\)/,
      ),
      expect.stringMatching(/^br0: the bridge is no longer in the file but holds theirs/),
    ]);
    expect(await vsctl('list-ports', 'br1')).toBe('z');
    await vsctl('del-port', 'theirs');
    await apply(moved);
    expect((await vsctl('list-ports', 'br1')).split('\n')).toEqual(['e1', 'z']);
  });

  test('the own port of a bridge that somebody removed comes again, and is told', async () => {
    const text = file(ports('a:'));
    await apply(text);
    await vsctl('remove', 'bridge', 'br0', 'ports', await get('port', 'br0', '_uuid'));
    expect(words(await apply(text))).toEqual(['br0: add port br0']);
  });

  test('keys of external_ids with a comma leave others’ keys alone', async () => {
    const text = file(ports('a: { interface: { external_ids: { "x,y": "1", "p%2Cq": "2" } } }'));
    await apply(text);
    await vsctl('set', 'interface', 'a', 'external_ids:x=theirs', 'external_ids:p=theirs');
    expect(plan(text)).toMatchObject({ operations: [] });
    await apply(file(ports('a:')));
    expect(await get('interface', 'a', 'external_ids')).toBe('{flowloom=main, p=theirs, x=theirs}');
  });
});

describe('the host itself', () => {
  const managed = file(
    ports('a:'),
    '',
    ', managers: [{ target: "ptcp:6641", inactivityProbe: 5000 }, "tcp:10.0.0.9:6640"], otherConfig: { max-idle: 5000 }, ssl: { privateKey: /etc/k.pem, certificate: /etc/c.pem, caCert: /etc/ca.pem }',
  );
  const plain = file(ports('a:'));

  test('managers, SSL and other_config come and go; others’ stay', async () => {
    await vsctl('set-manager', 'ptcp:0:127.0.0.1');
    await vsctl('set', 'Open_vSwitch', '.', 'other_config:mine=1');
    const made = await apply(managed);
    expect(made.refused).toEqual([]);
    expect((await vsctl('get-manager')).split('\n').sort()).toEqual([
      'ptcp:0:127.0.0.1',
      'ptcp:6641',
      'tcp:10.0.0.9:6640',
    ]);
    expect(await vsctl('--bare', '--columns=inactivity_probe', 'find', 'manager', 'target="ptcp:6641"')).toBe('5000');
    expect(await vsctl('get-ssl')).toContain('Private key: /etc/k.pem');
    expect(await get('Open_vSwitch', '.', 'other_config')).toBe('{max-idle="5000", mine="1"}');
    expect(words(await apply(managed.replace('max-idle: 5000', 'max-idle: 6000')))).toEqual([
      'set other_config:max-idle=6000',
    ]);
    await apply(plain);
    expect(await vsctl('get-manager')).toBe('ptcp:0:127.0.0.1');
    expect(await get('Open_vSwitch', '.', 'ssl', 'other_config', 'external_ids')).toBe('[]\n{mine="1"}\n{}');
  });

  test('a database that nobody has used yet gets its row also where the file has a key of other_config alone', async () => {
    await at.client.transact('Open_vSwitch', [{ op: 'delete', table: 'Open_vSwitch', where: [] }]);
    await vi.waitFor(() => expect(at.snapshot().Open_vSwitch.size).toBe(0), SOON);
    await apply('flowloom: 1\nhosts: { hv1: { otherConfig: { max-idle: 5000 } } }\n');
    expect(await get('Open_vSwitch', '.', 'other_config')).toBe('{max-idle="5000"}');
  });

  test('another’s SSL and another’s value of a key are refused by name', async () => {
    await vsctl('set-ssl', '/a', '/b', '/c');
    await vsctl('set', 'Open_vSwitch', '.', 'other_config:max-idle=1');
    const made = await apply(managed);
    expect(made.refused).toEqual([
      expect.stringMatching(/^Open_vSwitch: its ssl is not Flowloom's .*ovs-vsctl clear Open_vSwitch \. ssl/),
      expect.stringMatching(/^the file wants other_config:max-idle=5000, and somebody else set it to 1/),
    ]);
    expect(await vsctl('get-ssl')).toContain('Private key: /a');
  });
});
