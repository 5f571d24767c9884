/** Which interfaces a selector stands for: by each mark, who wins, what is refused; and the same whatever the order. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config, Port, PortSelector } from '../../src/config/model.ts';
import { desiredHost } from '../../src/ovsdb/manager/desired.ts';
import type { InterfaceView } from '../../src/ovsdb/manager/host-view.ts';
import { resolvePorts, selectPorts } from '../../src/ovsdb/manager/port-selection.ts';
import { isGlob, matchesGlob } from '../../src/text/glob.ts';
import { testBridge, testConfig, testHost, testInterface, testPort } from './config.ts';

const loc = { mode: 'access', segment: 'loc' } as const;

function selector(name: string, select: Partial<PortSelector>, parts: Partial<Port> = {}): Port {
  const all = {
    name: undefined,
    mac: undefined,
    ifaceId: undefined,
    attachedMac: undefined,
    externalIds: {},
    ...select,
  };
  return testPort(name, { vlans: loc, ...parts, select: all });
}
const glob = (pattern: string, parts: Partial<Port> = {}) => selector(pattern, { name: pattern }, parts);

const face = (name: string, ids: Record<string, string> = {}, parts: Partial<InterfaceView> = {}) =>
  testInterface(name, { externalIds: new Map(Object.entries(ids)), ...parts });

const configOf = (...ports: Port[]): Config =>
  testConfig({ hosts: [testHost('hv1')], bridges: [testBridge('br0', ports), testBridge('br1')] });

/** Interface → label of the selector that it is bound to. */
function bindings(config: Config, faces: InterfaceView[]): Record<string, string> {
  const { ports } = selectPorts(config, 'hv1', faces);
  return Object.fromEntries([...ports].flatMap(([by, found]) => found.map(({ name }) => [name, by.name])).sort());
}

describe('marks', () => {
  const guest = '52:54:00:12:34:56';
  test.each<[string, Partial<PortSelector>, InterfaceView, boolean]>([
    ['name', { name: 'vnet3' }, face('vnet3'), true],
    ['another name', { name: 'vnet3' }, face('vnet33'), false],
    ['pattern', { name: 'vnet*' }, face('vnet33'), true],
    ['pattern of one character', { name: 'vnet?' }, face('vnet33'), false],
    ['iface-id', { ifaceId: 'a-1' }, face('x', { 'iface-id': 'a-1' }), true],
    ['another iface-id', { ifaceId: 'a-1' }, face('x', { 'iface-id': 'a-11' }), false],
    ['no iface-id', { ifaceId: 'a-1' }, face('x'), false],
    ['attached-mac in capitals', { attachedMac: guest }, face('x', { 'attached-mac': guest.toUpperCase() }), true],
    ["attached-mac, not the device's", { attachedMac: guest }, face('x', {}, { mac: guest }), false],
    ['mac by attached-mac', { mac: guest }, face('x', { 'attached-mac': guest }, { mac: 'aa:00:00:00:00:01' }), true],
    ['mac by a device that is the station', { mac: guest }, face('x', {}, { mac: guest }), true],
    ["mac by libvirt's tap", { mac: guest }, face('x', {}, { mac: 'fe:54:00:12:34:56' }), true],
    ["mac by libvirt's tap of fe", { mac: 'fe:54:00:12:34:56' }, face('x', {}, { mac: 'fa:54:00:12:34:56' }), true],
    [
      'mac: attached-mac decides',
      { mac: guest },
      face('x', { 'attached-mac': '02:00:00:00:00:01' }, { mac: guest }),
      false,
    ],
    ['mac: no tap of an attached-mac', { mac: guest }, face('x', { 'attached-mac': 'fe:54:00:12:34:56' }), false],
    ['external id', { externalIds: { 'vm-id': 'abc' } }, face('x', { 'vm-id': 'abc' }), true],
    ['pattern of an external id', { externalIds: { 'vm-id': 'web-*' } }, face('x', { 'vm-id': 'web-7' }), true],
    ['all external ids', { externalIds: { a: '1', b: '2' } }, face('x', { a: '1', b: '3' }), false],
    ['all marks', { name: 'v*', ifaceId: 'a' }, face('vnet1', { 'iface-id': 'b' }), false],
  ])('%s', (_, select, one, matches) => {
    expect(bindings(configOf(selector('by', select)), [one])).toEqual(matches ? { [one.name]: 'by' } : {});
  });
});

describe('who gets a port', () => {
  test('an exact selector goes before a pattern, in whatever order they stand', () => {
    const ports = [glob('vnet*'), selector('db', { ifaceId: 'a-1' })];
    const faces = [face('vnet1', { 'iface-id': 'a-1' }), face('vnet2')];
    for (const order of [ports, ports.toReversed()]) {
      expect(bindings(configOf(...order), faces)).toEqual({ vnet1: 'db', vnet2: 'vnet*' });
    }
  });

  test('two patterns, or two exact ones: in no segment, both named with their lines, others undisturbed', () => {
    const [a, b] = [glob('vnet*', { source: 'f.yaml:7' }), glob('*1', { source: 'f.yaml:8' })];
    const selection = selectPorts(configOf(a, b), 'hv1', [face('vnet1'), face('vnet2'), face('vnet21')]);
    expect([...selection.ports.values()].flat().map(({ name }) => name)).toEqual(['vnet2']);
    expect(selection.refused).toEqual([
      expect.stringMatching(
        /^br0: ports vnet1, vnet21 are selected by hv1\/vnet\* \(f\.yaml:7\) and hv1\/\*1 \(f\.yaml:8\)/,
      ),
    ]);
    const exact = [selector('x', { name: 'vnet1' }), selector('y', { ifaceId: 'i' }), glob('v*')];
    expect(bindings(configOf(...exact), [face('vnet1', { 'iface-id': 'i' })])).toEqual({});
  });

  test('one address, two ports: neither has it, both named; one of them is gone: the other has it', () => {
    const config = configOf(glob('vnet*', { addresses: ['10.0.0.5'], source: 'f.yaml:7' }));
    const { ports, refused, waiting } = selectPorts(config, 'hv1', [face('vnet2'), face('vnet1')]);
    expect([...ports.values()].flat()).toEqual([]);
    expect(refused).toEqual([
      expect.stringMatching(
        /^br0: ports vnet1, vnet2 are selected by hv1\/vnet\* \(f\.yaml:7\), which has 10\.0\.0\.5/,
      ),
    ]);
    expect(waiting).toEqual([]);
    expect(bindings(config, [face('vnet2')])).toEqual({ vnet2: 'vnet*' });
    expect(bindings(configOf(glob('vnet*', { macs: ['02:00:00:00:00:01'] })), [face('vnet1'), face('vnet2')])).toEqual(
      {},
    );
  });

  test("what the file lists, what is Flowloom's, a bridge's own port, other bridges, dead devices: never", () => {
    const faces = [
      face('listed'),
      face('ours', {}, { owned: true }),
      face('br0'),
      face('elsewhere', {}, { bridge: 'br1' }),
      face('dead', {}, { ofport: -1, error: 'could not open it' }),
      face('new', {}, { ofport: undefined }),
    ];
    expect(bindings(configOf(testPort('listed'), glob('*')), faces)).toEqual({ new: '*' });
    const exact = faces.map(({ name }) => selector(`by-${name}`, { name }, { source: 'f.yaml:9' }));
    const { waiting } = selectPorts(configOf(testPort('listed', { source: 'f.yaml:3' }), ...exact), 'hv1', faces);
    expect(waiting).toEqual([
      'br0/by-listed: listed is a port of the file (f.yaml:3) (f.yaml:9)',
      "br0/by-ours: ours is Flowloom's own (f.yaml:9)",
      "br0/by-br0: br0 is the bridge's own port (f.yaml:9)",
      'br0/by-elsewhere: elsewhere is on bridge br1 (f.yaml:9)',
      'br0/by-dead: dead: could not open it (f.yaml:9)',
    ]);
  });

  test('exact and not there: it waits; a pattern does not', () => {
    const config = configOf(
      glob('vnet*'),
      selector('p', { externalIds: { 'vm-id': 'w*' } }),
      selector('db', { name: 'v*', ifaceId: 'a-1' }, { source: 'f.yaml:9' }),
    );
    expect(selectPorts(config, 'hv1', []).waiting).toEqual([
      'br0/db: no port with name v*, iface-id a-1 yet (f.yaml:9)',
    ]);
    expect(selectPorts(config, 'hv2', []).waiting).toEqual([]);
  });

  test('a thousand contested ports are one line', () => {
    const faces = Array.from({ length: 1000 }, (_, i) => face(`vnet${i}`));
    const { refused } = selectPorts(configOf(glob('vnet*'), glob('v*')), 'hv1', faces);
    expect(refused).toEqual([
      expect.stringContaining('vnet0, vnet1, vnet10, vnet100, vnet101, 995 more are selected by'),
    ]);
  });
});

test('the resolved file: after each selector its ports, by name, as if they were written there', () => {
  const web = glob('vnet*', { source: 'f.yaml:7' });
  const [first, last] = [testPort('a'), testPort('z')];
  const config = configOf(first, web, last);
  const faces = new Map([['hv1', [face('vnet2'), face('vnet1'), face('other')]]]);
  const { bridges } = resolvePorts(config, faces);
  expect(bridges[0]!.ports).toEqual([
    first,
    web,
    { ...web, name: 'vnet1', select: undefined },
    { ...web, name: 'vnet2', select: undefined },
    last,
  ]);
  expect(resolvePorts(config, new Map()).bridges).toEqual(config.bridges);
});

test('for a selector nothing is made; what its mode asks of the host is', () => {
  const config = configOf(glob('vnet*', { vlans: { mode: 'dot1q-tunnel', segment: 'loc' } }));
  const { bridges, otherConfig } = desiredHost(config, 'hv1', { controllerTarget: undefined });
  expect(bridges.map(({ ports }) => ports.map(({ key }) => key))).toEqual([['br0'], ['br1']]);
  expect(otherConfig.map(({ key, value }) => [key, value])).toEqual([['vlan-limit', '2']]);
});

describe('whatever the selectors and the ports', () => {
  const name = fc.constantFrom('a', 'b', 'ab', 'aab', 'ba', 'bb');
  const pattern = fc.constantFrom('a*', '*b', '?b', '*', 'a', 'ab', '??');
  const id = fc.constantFrom('1', '2');
  const anySelector = fc.record(
    { name: pattern, ifaceId: id, externalIds: fc.constantFrom({ k: '1' }, { k: '*' }) },
    { requiredKeys: [] },
  );
  const ports = fc.array(fc.record({ select: anySelector, guarded: fc.boolean() }), { maxLength: 5 }).map((list) =>
    list.map(({ select, guarded }, i) =>
      selector(`s${i}`, Object.keys(select).length === 0 ? { name: 'a' } : select, {
        addresses: guarded ? [`10.0.0.${i}`] : [],
      }),
    ),
  );
  const ids = fc.record({ 'iface-id': id, k: id }, { requiredKeys: [] });
  const faces = fc
    .uniqueArray(fc.tuple(name, ids, fc.boolean()), { selector: ([each]) => each })
    .map((list) => list.map(([each, external, owned]) => face(each, external as Record<string, string>, { owned })));

  test('each port has one selector at most, each address one port; order changes nothing; every refusal is told', () => {
    fc.assert(
      fc.property(ports, faces, (selectors, there) => {
        const config = configOf(...selectors);
        const { ports: found, refused } = selectPorts(config, 'hv1', there);
        const bound = [...found.values()].flat().map((port) => port.name);
        expect(new Set(bound).size).toBe(bound.length);
        for (const [by, list] of found) if (by.addresses.length > 0) expect(list.length).toBeLessThanOrEqual(1);
        expect(bindings(configOf(...selectors.toReversed()), there.toReversed())).toEqual(bindings(config, there));
        for (const each of there) {
          const alone = selectors.filter((by) => by.name in swap(bindings(configOf(by), [each])));
          expect(each.owned && bound.includes(each.name)).toBe(false);
          if (alone.length === 0) expect(bound).not.toContain(each.name);
          else if (!bound.includes(each.name)) expect(refused.join('\n')).toMatch(new RegExp(`\\b${each.name}\\b`));
        }
      }),
    );
  });

  const swap = (record: Record<string, string>) => Object.fromEntries(Object.entries(record).map(([a, b]) => [b, a]));

  test('patterns are what a regular expression of them is', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 12 });
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 }), (glob, text) => {
        const expression = [...glob].map((c) => (c === '*' ? '.*' : c === '?' ? '.' : c.replace('.', '\\.'))).join('');
        expect(matchesGlob(glob, text)).toBe(new RegExp(`^${expression}$`).test(text));
        if (!isGlob(glob)) expect(matchesGlob(glob, text)).toBe(glob === text);
      }),
    );
  });

  test('a pattern made to take long does not', () => {
    expect(matchesGlob('*a'.repeat(2000), `${'a'.repeat(20_000)}b`)).toBe(false);
  });
});

test('1,000 exact selectors and 10,000 ports: a few milliseconds', () => {
  const config = configOf(...Array.from({ length: 1000 }, (_, i) => selector(`s${i}`, { ifaceId: `id-${i}` })));
  const faces = Array.from({ length: 10_000 }, (_, i) => face(`vnet${i}`, { 'iface-id': `id-${i}` }));
  const times = [1, 2, 3, 4, 5].map(() => {
    const start = performance.now();
    expect(selectPorts(config, 'hv1', faces).ports.size).toBe(1000);
    return performance.now() - start;
  });
  // Far off, for a machine that is busy: it takes 4.
  expect(Math.min(...times)).toBeLessThan(60);
});
