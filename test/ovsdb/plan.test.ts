/** Plans against a real ovsdb-server: only differences, only what is ours. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config, Port } from '../../src/config/model.ts';
import { desiredHost } from '../../src/ovsdb/manager/desired.ts';
import { planHost } from '../../src/ovsdb/manager/plan.ts';
import type { Plan } from '../../src/ovsdb/manager/plan-builder.ts';
import { testBridge, testConfig, testHost, testOverlay, testPort, testSegment } from './config.ts';
import { plannedServer } from './plan-support.ts';

const controller = 'tcp:127.0.0.1:6653';
const vxlan = testOverlay();

describe('plan against a real ovsdb-server', () => {
  const at = plannedServer();
  const { vsctl } = at;

  const plan = (config: Config, target: string | undefined = controller): Plan =>
    planHost(at.snapshot(), desiredHost(config, 'hv1', { controllerTarget: target }));

  const apply = (config: Config, target: string | undefined = controller) => at.apply(() => plan(config, target));

  const base = () =>
    testConfig({
      hosts: [testHost('hv1', { underlay: '10.0.0.1' }), testHost('hv2', { underlay: '10.0.0.2' })],
      segments: [
        testSegment('loc', { vlan: 100, overlay: vxlan }),
        testSegment('net', { vlan: 200 }),
        testSegment('wan', { id: 4096 }),
      ],
      bridges: [
        testBridge(
          'br0',
          [
            testPort('web1', { vlans: { mode: 'access', segment: 'loc' } }),
            testPort('eth1', { vlans: { mode: 'trunk', segments: ['loc'], native: 'net', nativeTagged: false } }),
            testPort('tap0', { type: 'internal', macs: ['02:00:00:00:00:07'] }),
            testPort('web9', { host: 'hv2', vlans: { mode: 'access', segment: 'loc' } }),
          ],
          { hosts: ['hv1', 'hv2'], otherConfig: { hwaddr: '02:00:00:00:00:01' } },
        ),
      ],
    });

  test('creates everything from empty in one transaction, and then nothing', async () => {
    const made = await apply(base());
    expect(made.refused).toEqual([]);
    expect(made.changes).toEqual([
      'br0: create bridge (netdev, secure, tcp:127.0.0.1:6653) (flowloom.yaml:10)',
      expect.stringMatching(/^br0: add port web1 \(flowloom.yaml:\d+\)$/),
      expect.stringMatching(/^br0: add port eth1 /),
      expect.stringMatching(/^br0: add internal port tap0 /),
      'br0: add vxlan port vx4789t5 (flowloom.yaml:5)',
    ]);
    expect(made.origins).toHaveLength(made.operations.length);
    expect(await vsctl('list-br')).toBe('br0');
    expect((await vsctl('list-ports', 'br0')).split('\n')).toEqual(['eth1', 'tap0', 'vx4789t5', 'web1']);
    expect(await vsctl('get-controller', 'br0')).toBe(controller);
    expect(
      await vsctl('get', 'bridge', 'br0', 'datapath_type', 'fail_mode', 'protocols', 'external_ids', 'other_config'),
    ).toBe('netdev\nsecure\n[OpenFlow14]\n{flowloom=main}\n{disable-in-band="true", hwaddr="02:00:00:00:00:01"}');
    expect(await vsctl('get', 'interface', 'vx4789t5', 'type', 'options')).toBe(
      'vxlan\n{dst_port="4789", key=flow, local_ip="10.0.0.1", remote_ip=flow, ttl="5"}',
    );
    expect(await vsctl('get', 'interface', 'tap0', 'type', 'mac', 'external_ids')).toBe(
      'internal\n"02:00:00:00:00:07"\n{flowloom=main}',
    );
    expect(await vsctl('get', 'interface', 'br0', 'type')).toBe('internal');
    expect(await vsctl('get', 'port', 'eth1', 'tag', 'trunks', 'vlan_mode')).toBe('[]\n[]\n[]');
    expect(await vsctl('get', 'controller', 'br0', 'connection_mode')).toBe('out-of-band');
  });

  test('sends just the differences when the file changes', async () => {
    await apply(base());
    const next = base();
    const [bridge] = next.bridges;
    bridge!.ports = [testPort('tap0', { type: 'internal' }), testPort('new1')];
    bridge!.otherConfig = { hwaddr: '02:00:00:00:00:02', 'mac-aging-time': '60' };
    const made = await apply(next, 'tcp:127.0.0.1:7000');
    expect(made.changes.map((line) => line.replace(/ \(flowloom.*/, ''))).toEqual([
      'br0/tap0: clear mac, was 02:00:00:00:00:07',
      'br0: add port new1',
      'br0: set other_config:hwaddr=02:00:00:00:00:02, was 02:00:00:00:00:01, set other_config:mac-aging-time=60',
      'br0: set target tcp:127.0.0.1:7000, was tcp:127.0.0.1:6653',
      'br0: remove port eth1, no longer in the file',
      'br0: remove port vx4789t5, no longer in the file',
      'br0: remove port web1, no longer in the file',
    ]);
    expect((await vsctl('list-ports', 'br0')).split('\n')).toEqual(['new1', 'tap0']);
    const gone = await apply(testConfig({ hosts: base().hosts }));
    expect(gone.changes).toEqual(['br0: remove bridge, no longer in the file']);
    expect(await vsctl('list-br')).toBe('');
  });

  test('what is not Flowloom’s stays as it is', async () => {
    await vsctl(
      'add-br',
      'other',
      '--',
      'set',
      'bridge',
      'other',
      'other_config:a=b',
      '--',
      'set-controller',
      'other',
      'tcp:1.2.3.4:6653',
    );
    await vsctl('add-port', 'other', 'eth9', 'tag=7');
    await apply(base());
    await vsctl('add-port', 'br0', 'vnet0', '--', 'add', 'bridge', 'br0', 'external_ids', 'note=mine');
    await vsctl(
      '--',
      '--id=@c',
      'create',
      'controller',
      'target="tcp:9.9.9.9:6653"',
      '--',
      'add',
      'bridge',
      'br0',
      'controller',
      '@c',
    );
    await vsctl('set', 'bridge', 'br0', 'protocols=OpenFlow10,OpenFlow14');
    const foreign = () =>
      Promise.all([
        vsctl('list', 'bridge', 'other'),
        vsctl('list', 'port', 'eth9'),
        vsctl('list', 'interface', 'eth9'),
        vsctl('list', 'port', 'vnet0'),
        vsctl('get-controller', 'other'),
      ]);
    const before = await foreign();
    expect((await apply(base())).changes).toEqual([]);
    const changed = base();
    changed.bridges[0]!.ports.pop();
    changed.bridges[0]!.ports.push(testPort('web2'));
    await apply(changed, 'tcp:127.0.0.1:7000');
    expect((await vsctl('get-controller', 'br0')).split('\n').sort()).toEqual([
      'tcp:127.0.0.1:7000',
      'tcp:9.9.9.9:6653',
    ]);
    expect(await foreign()).toEqual(before);
    expect(await vsctl('get', 'bridge', 'br0', 'external_ids:note')).toBe('mine');
    // With a port of somebody else's on it, the bridge outlives its place in the file.
    const empty = testConfig({ hosts: base().hosts });
    expect(plan(empty).operations).toEqual([]);
    expect(plan(empty).refused).toEqual([
      expect.stringContaining("br0: the bridge is no longer in the file but holds vnet0, not Flowloom's"),
    ]);
    await vsctl('del-port', 'vnet0');
    await apply(empty);
    expect(await vsctl('list-br')).toBe('other');
  });

  test('refuses a bridge and a port that others made, and says how to hand them over', async () => {
    await vsctl('add-br', 'br0', '--', 'add-br', 'other', '--', 'add-port', 'other', 'web1');
    const refused = plan(base());
    expect(refused.operations).toEqual([]);
    expect(refused.refused).toEqual([
      expect.stringMatching(/^bridge br0 exists and is not Flowloom's.*\(flowloom.yaml:10\).*write `adopt: true`/),
    ]);
    const adopting = base();
    adopting.bridges[0]!.adopt = true;
    const made = await apply(adopting);
    expect(made.flushes).toEqual([{ bridge: 'br0', source: 'flowloom.yaml:10', why: 'it gets its first controller' }]);
    expect(made.changes).toContainEqual(
      expect.stringMatching(/^br0: take it over, set datapath_type netdev, was system/),
    );
    expect(made.refused).toEqual([expect.stringMatching(/^br0: port web1 is on bridge other and is not Flowloom's/)]);
    expect(await vsctl('list-ports', 'other')).toBe('web1');
    expect((await vsctl('list-ports', 'br0')).split('\n')).toEqual(['eth1', 'tap0', 'vx4789t5']);
    expect(await vsctl('get', 'bridge', 'br0', 'fail_mode')).toBe('secure');
  });

  test('a port that somebody else put on our bridge is used and not owned', async () => {
    await apply(base());
    await vsctl('add-port', 'br0', 'vnet0');
    const next = base();
    next.bridges[0]!.ports.push(testPort('vnet0', { vlans: { mode: 'access', segment: 'net' } }));
    const used = plan(next);
    expect(used).toMatchObject({ operations: [], refused: [] });
    const other = base();
    other.bridges[0]!.ports.push(testPort('vnet0', { type: 'internal' }));
    expect(plan(other).refused).toEqual([
      expect.stringMatching(/port vnet0 is not Flowloom's, and the file would set type internal, was system/),
    ]);
  });

  test('a port moves between our bridges in one transaction', async () => {
    const first = testConfig({
      hosts: base().hosts,
      bridges: [testBridge('br0', [testPort('web1')]), testBridge('br1')],
    });
    await apply(first);
    await apply(
      testConfig({ hosts: base().hosts, bridges: [testBridge('br0'), testBridge('br1', [testPort('web1')])] }),
    );
    expect(await vsctl('list-ports', 'br1')).toBe('web1');
    await apply(testConfig({ hosts: base().hosts, bridges: [testBridge('br2', [testPort('web1')])] }));
    expect(await vsctl('list-ports', 'br2')).toBe('web1');
  });

  test('a bridge that forwards by itself has VLANs on its ports and no controller', async () => {
    const config = base();
    config.bridges = [
      testBridge(
        'br0',
        [
          testPort('web1', { vlans: { mode: 'access', segment: 'loc' } }),
          testPort('eth1', { vlans: { mode: 'trunk', segments: ['loc'], native: 'net', nativeTagged: false } }),
          testPort('eth2', {
            vlans: { mode: 'trunk', segments: ['loc', 'net'], native: undefined, nativeTagged: false },
          }),
          testPort('cust', { vlans: { mode: 'dot1q-tunnel', segment: 'net' } }),
        ],
        { forwarding: 'normal', datapath: 'system' },
      ),
    ];
    await apply(config);
    expect(await vsctl('get', 'bridge', 'br0', 'fail_mode', 'controller', 'protocols')).toBe('standalone\n[]\n[]');
    expect(await vsctl('get', 'port', 'web1', 'vlan_mode', 'tag', 'trunks')).toBe('access\n100\n[]');
    expect(await vsctl('get', 'port', 'eth1', 'vlan_mode', 'tag', 'trunks')).toBe('native-untagged\n200\n[100]');
    expect(await vsctl('get', 'port', 'eth2', 'vlan_mode', 'tag', 'trunks')).toBe('trunk\n[]\n[100, 200]');
    expect(await vsctl('get', 'port', 'cust', 'vlan_mode', 'tag', 'trunks')).toBe('dot1q-tunnel\n200\n[]');
    const [bridge] = config.bridges;
    config.bridges = [testBridge('br0', bridge!.ports)];
    expect(plan(config)).toMatchObject({ operations: [], refused: [expect.stringMatching(/adopt: true/)] });
    config.bridges = [testBridge('br0', bridge!.ports, { adopt: true })];
    expect((await apply(config)).flushes).toEqual([
      { bridge: 'br0', source: 'flowloom.yaml:10', why: 'it gets its first controller' },
    ]);
    expect(await vsctl('get', 'port', 'cust', 'vlan_mode', 'tag', 'trunks')).toBe('[]\n[]\n[]');
    expect(await vsctl('get-controller', 'br0')).toBe(controller);
  });

  test('QinQ sets vlan-limit, takes it back, and leaves another’s', async () => {
    const qinq = base();
    qinq.bridges[0]!.ports.push(testPort('cust', { vlans: { mode: 'dot1q-tunnel', segment: 'net' } }));
    await apply(qinq);
    expect(await vsctl('get', 'Open_vSwitch', '.', 'other_config')).toBe('{vlan-limit="2"}');
    await apply(base());
    expect(await vsctl('get', 'Open_vSwitch', '.', 'other_config', 'external_ids')).toBe('{}\n{}');
    await vsctl('set', 'Open_vSwitch', '.', 'other_config:vlan-limit=1');
    expect((await apply(qinq)).refused).toEqual([
      expect.stringMatching(/needs other_config:vlan-limit=2, and somebody else set it to 1/),
    ]);
    await vsctl('set', 'Open_vSwitch', '.', 'other_config:vlan-limit=0');
    expect((await apply(qinq)).refused).toEqual([]);
    await apply(base());
    expect(await vsctl('get', 'Open_vSwitch', '.', 'other_config')).toBe('{vlan-limit="0"}');
  });

  test('drift of ours is put right', async () => {
    await apply(base());
    await vsctl(
      'set',
      'bridge',
      'br0',
      'fail_mode=standalone',
      'datapath_type=system',
      'other_config:x=y',
      'protocols=OpenFlow10',
    );
    await vsctl('del-controller', 'br0', '--', 'del-port', 'web1', '--', 'set', 'port', 'eth1', 'tag=9');
    await vsctl(
      'set',
      'interface',
      'vx4789t5',
      'options:ttl=64',
      'options:csum=true',
      '--',
      'set',
      'interface',
      'tap0',
      'type=tap',
    );
    const made = await apply(base());
    expect(made.changes.map((line) => line.replace(/ \(flowloom.*/, ''))).toEqual([
      'br0: add port web1',
      'br0/eth1: clear tag, was 9',
      'br0/tap0: set type internal, was tap',
      'br0/vx4789t5: set options:ttl=5, was 64, remove options:csum',
      'br0: set datapath_type netdev, was system, add OpenFlow14 to protocols, set fail_mode secure, was standalone, remove other_config:x',
      `br0: add controller ${controller}`,
    ]);
  });

  test('from any file to any other: one transaction, and then nothing is left to do', async () => {
    const segments = ['loc', 'net'];
    const vlans = fc.oneof(
      fc.constant(undefined),
      fc.record({
        mode: fc.constantFrom('access' as const, 'dot1q-tunnel' as const),
        segment: fc.constantFrom(...segments),
      }),
      fc.record({
        mode: fc.constant('trunk' as const),
        segments: fc.uniqueArray(fc.constantFrom(...segments)),
        native: fc.constantFrom(undefined, ...segments),
        nativeTagged: fc.boolean(),
      }),
    );
    const port = (name: string): fc.Arbitrary<Port> =>
      fc
        .record({
          type: fc.constantFrom('' as const, 'internal' as const),
          vlans,
          mac: fc.constantFrom(undefined, '02:00:00:00:00:09'),
        })
        .map((parts) => testPort(name, parts));
    const bridges = fc.record({
      forwarding: fc.array(fc.constantFrom('flows' as const, 'normal' as const), { minLength: 2, maxLength: 2 }),
      datapath: fc.constantFrom('system' as const, 'netdev' as const),
      adopt: fc.boolean(),
      otherConfig: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')),
      present: fc.subarray([0, 1]),
      /** Which bridge each of the ports is on; 2: on none. */
      homes: fc.tuple(...['p0', 'p1', 'p2'].map((name) => fc.record({ home: fc.nat(2), port: port(name) }))),
      target: fc.constantFrom(undefined, 'tcp:127.0.0.1:1', 'tcp:127.0.0.1:2'),
    });
    await fc.assert(
      fc.asyncProperty(bridges, async ({ forwarding, datapath, adopt, otherConfig, present, homes, target }) => {
        const config = base();
        config.bridges = present.map((number) =>
          testBridge(
            `br${number}`,
            homes.filter(({ home }) => home === number).map((item) => item.port),
            {
              forwarding: forwarding[number]!,
              datapath,
              adopt,
              otherConfig,
              hosts: ['hv1', 'hv2'],
            },
          ),
        );
        const made = await apply(config, target);
        expect(made.origins).toHaveLength(made.operations.length);
        expect((await at.server.vsctl('list-br')).split('\n').filter(Boolean)).toEqual(
          present.map((number) => `br${number}`),
        );
      }),
      { numRuns: 60 },
    );
  });
});
