/**
 * Every action that apps can write, and every place for fields, equals Open vSwitch's own dump of it: flows, groups and
 * meters; a second look, and a second run, send nothing. What is learned stays out of it.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import * as actions from '../../src/flow/actions.ts';
import { isOurs, isState } from '../../src/flow/cookie.ts';
import { MAIN } from '../../src/flow/namespace.ts';
import { formatMatch } from '../../src/flow/text/format-match.ts';
import { formatInstructions } from '../../src/flow/text/instructions.ts';
import { type AppAction, type AppFlow, defineApp, flow } from '../../src/index.ts';
import { type Attached, type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

const ip = { ethType: 0x0800 } as const;
/** What `actions.ts` offers and the flows below have used. */
const used = new Set<string>();
const a = new Proxy(actions, {
  get(target, name: keyof typeof actions) {
    used.add(name);
    return target[name];
  },
});

/** Name → match and actions; each gets a priority of its own. */
function flows(zone: number): Record<string, [AppFlow['match'], AppFlow['actions']]> {
  return {
    drop: [{ inPort: 7 }, a.drop()],
    output: [{}, [a.output(1), a.output('flood'), a.output('inPort'), a.output('local'), a.output('all')]],
    normal: [{}, [a.normal()]],
    'whole packets': [{}, [a.punt()]],
    'some bytes': [{}, [a.punt(96)]],
    'metered, whole': [{}, [a.punt(undefined, { meter: 'slow' })]],
    'metered, some bytes': [{}, [a.punt(96, { meter: 'slow' }), a.output(1)]],
    'meter, goto': [ip, [a.meter('fast'), a.output(2), a.next()]],
    'meter alone': [ip, [a.meter('slow')]],
    'goto alone': [{}, [a.goto('output')]],
    'set header fields': [
      { ...ip, ipProto: 6 },
      a.set({ ethSrc: '02:00:00:00:00:01', ipv4Dst: '10.0.0.1', tcpDst: 80, ipDscp: 10, ipTtl: 9 }),
    ],
    'set fields of the pipeline': [
      {},
      a.set({
        ...{ segment: 7, fromTunnel: 1, ingressZone: 2, outPort: 3, tunnelPeer: 0xa000001, egressZone: 255 },
        ingressSegment: 9,
      }),
    ],
    'set fields of apps': [
      {},
      [
        a.set({ 'every.flag': 1, 'every.number': 0x1234, 'every.address': 0xffffffff, 'every.odd': 5 }),
        a.set({ tunnelId: 5n, metadata: 8n, reg15: 4 }),
      ],
    ],
    load: [
      {},
      [a.load('every.number', 3), a.load('nxmInPort', 0), a.load({ field: 'every.address', offset: 8, bits: 8 }, 1)],
    ],
    move: [
      ip,
      [a.move('ipv4Src', 'every.address'), a.move('every.number', 'segment'), a.move('every.mark', 'every.odd')],
    ],
    vlan: [{}, a.actions(a.pushVlan(), a.set({ vlanVid: 0x1064, vlanPcp: 3 }), a.pushVlan(0x88a8), a.output(1))],
    'pop vlan': [{ vlanVid: { value: 0x1000, mask: 0x1000 } }, [a.popVlan(), a.output(1)]],
    'decrement TTL': [ip, [a.decNwTtl(), a.next()]],
    group: [{}, [a.group('two ports')]],
    'check packet larger': [ip, [a.checkPacketLarger(1500, 'every.flag'), a.next()]],
    multipath: [ip, [a.multipath('every.odd', 8, 7), a.next()]],
    'a way to fulfil a clause': [ip, [a.conjunction({ id: 0x1234, clause: 1, of: 2 })]],
    'clauses fulfilled': [{ ...ip, conjId: 0x1234 }, [a.next()]],
    resubmit: [{}, [a.resubmit('learned'), a.resubmit('output'), a.goto('decide')]],
    clone: [{}, [a.clone(a.set({ outPort: 4 }), a.resubmit('output')), a.clone(a.punt(64)), a.output(2)]],
    'ct, nothing': [ip, [a.ct({ zone, table: 'next' })]],
    'ct, commit and fields': [
      ip,
      [
        a.ct({
          ...{ zone, commit: true, table: 'next' },
          set: a.actions(
            a.set({ 'every.mark': 1, 'every.kind': 77, 'every.label': 0xdeadbeef, 'every.far': 1n << 29n }),
          ),
        }),
      ],
    ],
    'ct, nat': [
      { ...ip, ipProto: 17, ctState: { value: 0x21, mask: 0x21 } },
      [
        a.ct({ zone, commit: true, nat: { side: 'src', address: '10.0.0.9' } }),
        a.ct({ zone, commit: true, nat: { side: 'src', address: '10.0.0.9', ports: [1024, 2000] } }),
        a.ct({ zone, commit: true, nat: { side: 'dst', address: '10.0.0.9', ports: [80, 80] }, table: 'next' }),
        a.ct({ zone, nat: 'follow', table: 'decide' }),
      ],
    ],
    'match fields of apps': [
      {
        ...{ ...ip, 'every.flag': 1, 'every.number': { value: 0x10, mask: 0xf0 }, 'every.address': 0 },
        ...{
          'every.mark': 1,
          'every.kind': { value: 4, mask: 6 },
          'every.label': 9,
          'every.far': 1n << 29n,
          segment: 5,
        },
      },
      [],
    ],
    learn: [
      {},
      [
        a.learn({
          ...{ table: 'learned', priority: 10, hardTimeout: 60, idleTimeout: 30, intent: 'what came from there' },
          items: [
            { match: 'ethDst', from: 'ethSrc' },
            { match: 'segment' },
            { match: 'every.number', from: 'ingressSegment' },
            { load: 'outPort', from: 'inPort' },
            { load: 'every.flag', from: 1 },
            { load: { field: 'every.address', offset: 4, bits: 12 }, from: { field: 'ethSrc', offset: 0, bits: 12 } },
          ],
        }),
      ],
    ],
  };
}

const every = defineApp({
  name: 'every',
  tables: {
    all: { stage: 'admit' },
    learned: { stage: 'respond', learned: true },
    decide: { stage: 'respond' },
    output: { stage: 'output' },
  },
  fields: {
    flag: { bits: 1, text: 'a bit' },
    number: { bits: 16, text: 'a number' },
    address: { bits: 32, text: 'a whole register' },
    odd: { bits: 3, text: 'some bits' },
    mark: { bits: 1, in: 'ctMark', text: 'a bit of ct_mark' },
    kind: { bits: 9, in: 'ctMark', text: 'some bits of it' },
    label: { bits: 32, in: 'ctLabel', text: 'bits of ct_label' },
    far: { bits: 30, in: 'ctLabel', text: 'bits of its last word' },
  },
  attach({ dp }) {
    dp.meters.replace([
      ['slow', { unit: 'packets', rate: 10, burst: 5 }],
      ['fast', { unit: 'kilobits', rate: 100_000 }],
    ]);
    const bucket = (port: number): { weight?: number; actions: AppAction[] } => ({
      actions: a.actions(a.set({ outPort: port }), a.resubmit('output')),
    });
    dp.groups.set('two ports', { type: 'all', buckets: [bucket(1), bucket(2)] });
    dp.groups.set('one of two', {
      type: 'select',
      buckets: [
        { weight: 3, ...bucket(1) },
        { weight: 1, ...bucket(2) },
      ],
    });
    dp.groups.set('only one', { type: 'indirect', buckets: [bucket(1)] });
    const all = Object.entries(flows(dp.ctZone('every')));
    all.forEach(([intent, [match, list]], index) => {
      dp.flows.all.set(
        intent,
        flow({ priority: intent === 'learn' ? 3000 : 2000 - index, match: match as never, actions: list, intent }),
      );
    });
    dp.flows.all.set('rest', { priority: 0, match: {}, actions: flows(dp.ctZone('every')).learn![1], intent: 'rest' });
    dp.flows.decide.set('all', { priority: 0, match: {}, actions: [a.next()], intent: 'decide' });
    dp.flows.output.set('all', { priority: 0, match: {}, actions: [], intent: 'output' });
    return undefined;
  },
});

let live: LiveSwitch;
beforeAll(async () => {
  live = await startLiveSwitch();
});
afterAll(() => live.stop());

async function attach(): Promise<Attached> {
  const attached = await live.attach('flowloom: 1\nhosts: { hv1: }\n', { apps: [every] });
  expect([attached.refused, attached.failures, attached.site.reconciler.problems()]).toEqual([[], [], []]);
  await attached.opened();
  return attached;
}

/** `dumped` false: as it was declared. */
function ownFlows({ site }: Attached, dumped: boolean): string[] {
  return [...site.reconciler.actual.values()]
    .filter(({ cookie }) => isOurs(MAIN, cookie) && !isState(MAIN, cookie))
    .map((actual) => {
      const declared = dumped ? actual : site.reconciler.desired(actual.identity);
      if (declared === undefined) return `nobody declared ${actual.identity}`;
      const { tableId, priority, match, instructions, content } = declared;
      return `${tableId},${priority} ${formatMatch(match)} actions=${formatInstructions(instructions)} ${content}`;
    })
    .toSorted();
}

const CHANGES = ['flowMod', 'groupMod', 'meterMod', 'bundleAdd', 'ctFlushZone'];
const changes = ({ messages }: Attached) => messages.filter((type) => CHANGES.includes(type));

test('every action, field and meter: dumped as it was declared; nothing is sent twice', async () => {
  const first = await attach();
  expect(changes(first).length).toBeGreaterThan(20);
  expect([...used].toSorted()).toEqual(Object.keys(actions).toSorted());

  // Somebody else puts a frame in: the switch learns.
  await until(
    async () => {
      await live.appctl('netdev-dummy/receive', 'p4', `0200000000020200000000aa88b5${'00'.repeat(50)}`);
      return live.ofctl('dump-flows');
    },
    (dump) => dump.includes('dl_dst=02:00:00:00:00:aa'),
  );
  const before = changes(first).length;
  await first.site.reconciler.read();
  await first.site.reconciler.settled();
  expect(ownFlows(first, true)).toEqual(ownFlows(first, false));
  expect(ownFlows(first, true).length).toBeGreaterThan(30);
  expect(changes(first)).toHaveLength(before);
  expect(first.syncs.flatMap(({ drift }) => drift)).toEqual([]);
  first.close();

  const second = await attach();
  expect(changes(second)).toEqual([]);
  expect(ownFlows(second, true)).toEqual(ownFlows(second, false));
  expect(await live.ofctl('dump-flows')).toContain('dl_dst=02:00:00:00:00:aa');
  second.close();
});

test('a learned table is emptied by forget, and takes no flow of the app', async () => {
  let forget: () => void = () => undefined;
  let refused = '';
  const forgetful = defineApp({
    ...every,
    attach(context) {
      every.attach?.(context);
      forget = () => context.dp.flows.learned.forget();
      try {
        context.dp.flows.learned.set('x', { priority: 1, match: {}, actions: [], intent: 'x' });
      } catch (error) {
        refused = (error as Error).message;
      }
      expect(() => context.dp.flows.all.forget()).toThrow('table "all" of app "every" learns nothing');
      return undefined;
    },
  });
  const attached = await live.attach('flowloom: 1\nhosts: { hv1: }\n', { apps: [forgetful] });
  expect(refused).toBe('table "learned" of app "every" is written by `learn` alone: it takes no flow');
  expect(await live.ofctl('dump-flows', 'table=62')).toContain('dl_dst=02:00:00:00:00:aa');
  const others = (await live.ofctl('dump-flows', 'table=28')).split('\n').length;
  forget();
  await until(
    () => live.ofctl('dump-flows', 'table=62'),
    (dump) => !dump.includes('dl_dst'),
  );
  expect((await live.ofctl('dump-flows', 'table=28')).split('\n')).toHaveLength(others);
  expect(attached.failures).toEqual([]);
  attached.close();
});
