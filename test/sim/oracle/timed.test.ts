/**
 * What a switch tells of itself, as time goes by and packets come: flows removed, evicted, punted packets; compared
 * with Open vSwitch 3.1.
 */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MessageBody } from '../../../proto/openflow/message.ts';
import {
  action,
  applied,
  ask,
  askFlows,
  bucket,
  CLEARING,
  flowMod,
  groupMod,
  meterMod,
  output,
  written,
} from './messages.ts';
import { lineOf, type Sent } from './peer.ts';
import { type Side, startReal, startSimulated } from './sides.ts';

/** Flows that a table takes, in both. */
const LIMIT = 4;
/** Milliseconds that Open vSwitch may take to tell what it does later; the simulated one tells all at once. */
const BOUND = 3000;
let sides: Side[] = [];

beforeAll(async () => {
  const limited = ['--', '--id=@t', 'create', 'Flow_Table', `flow_limit=${LIMIT}`, '--', 'set', 'bridge', 'br0'];
  sides = [await startReal(2, ...limited, 'flow_tables:0=@t'), startSimulated(2, { flows: LIMIT })];
});

afterAll(async () => {
  for (const side of sides) await side.stop();
});

const asks = (kind: string, ...mask: string[]) => ({ type: kind, mask });
const TELLING = {
  type: 'setAsync',
  properties: [asks('tableStatusMaster', 'vacancyDown', 'vacancyUp')],
} as unknown as MessageBody;

beforeEach(async () => {
  for (const side of sides) {
    await side.peers[0]!.turn([...CLEARING, TELLING]);
    // What is told of the last test comes by then.
    await side.warp(1000);
    for (let i = 0; i < 3; i++) for (const peer of side.peers) await peer.turn([]);
  }
});

/** What came of the first controller's messages and of those behind, until there are so many lines. */
async function told(side: Side, count: number, messages: readonly Sent[] = []): Promise<string[]> {
  const lines: string[] = [];
  const deadline = Date.now() + (side === sides[0] ? BOUND : 0);
  for (let sent: readonly Sent[] = messages; ; sent = []) {
    for (const bytes of await side.peers[0]!.turn(sent)) lines.push(lineOf(bytes));
    if (lines.length >= count || Date.now() > deadline) return lines;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Both, step by step; what is told in each is the same, whatever its order. */
async function both(
  count: number,
  messages: readonly Sent[],
  act: (side: Side) => Promise<void> = async () => undefined,
) {
  const [real, simulated] = await Promise.all(
    sides.map(async (side) => {
      const first = await told(side, 0, messages);
      await act(side);
      const more = await told(side, count - first.length);
      return [...first, ...more].toSorted();
    }),
  );
  expect(simulated).toEqual(real);
  expect(real!.length).toBeGreaterThanOrEqual(count);
  return real!;
}

/** Asks until the answer says so. */
async function until(side: Side, request: MessageBody, said: RegExp): Promise<void> {
  const deadline = Date.now() + BOUND;
  for (;;) {
    const answers = (await side.peers[0]!.turn([request])).map(lineOf);
    if (answers.some((line) => said.test(line))) return;
    if (Date.now() > deadline) throw new Error(`${said} is not in ${answers.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const warp = (seconds: number) => (side: Side) => side.warp(seconds * 1000);
const told4 = (more: Record<string, unknown>) => flowMod({ flags: ['sendFlowRem'], ...more });
const frame = (destination: number) => {
  const bytes = Buffer.alloc(64);
  Buffer.from(`02000000000${destination}0200000000091234`, 'hex').copy(bytes);
  return bytes;
};

test('hard timeouts count from the last change, idle ones from the last packet', async () => {
  const flows = [
    told4({ priority: 1, hardTimeout: 10 }),
    told4({ priority: 2, idleTimeout: 10 }),
    told4({ priority: 3, idleTimeout: 7, hardTimeout: 30 }),
    flowMod({ priority: 4, hardTimeout: 9 }),
  ];
  await both(0, flows, warp(4));
  await both(0, [flowMod({ command: 'modifyStrict', priority: 1, instructions: applied(output(2)) })], warp(1));
  await both(1, [askFlows()], warp(1));
  // The idle ones: nothing met them.
  expect((await both(2, [], warp(6))).filter((line) => line.includes('idleTimeout":'))).toHaveLength(2);
  expect((await both(1, [], warp(4)))[0]).toContain('"reason":"hardTimeout"');
  await both(1, [askFlows()]);
});

test('a flow that is added again keeps the time of its last packet, unless its counters begin anew', async () => {
  await both(0, [told4({ priority: 1, idleTimeout: 10 }), told4({ priority: 2, idleTimeout: 10 })], warp(6));
  await both(
    0,
    [
      told4({ priority: 1, idleTimeout: 10 }),
      told4({ priority: 2, idleTimeout: 10, flags: ['sendFlowRem', 'resetCounts'] }),
    ],
    warp(6),
  );
  await both(1, [askFlows()]);
  await both(1, [askFlows()], warp(8));
});

test('flows that are deleted, with their group or their meter too, are told with the reason', async () => {
  await both(0, [
    groupMod(),
    meterMod(),
    told4({ priority: 1, instructions: applied(action({ type: 'group', groupId: 1 })) }),
    told4({ priority: 2, instructions: [{ type: 'meter', meterId: 1 }] }),
    told4({ priority: 3, cookie: 7n, match: { inPort: 3, ethType: 0x800 } }),
  ]);
  const lines = await both(3, [
    groupMod({ command: 'delete', buckets: [] }),
    meterMod({ command: 'delete', bands: [] }),
    flowMod({ command: 'delete', cookie: 7n, cookieMask: 0xffn }),
  ]);
  const reasons = lines.map((line) => (JSON.parse(line) as { reason: string }).reason);
  expect(reasons.toSorted()).toEqual(['delete', 'groupDelete', 'meterDelete']);
});

test('a full table refuses flows, or evicts the least important of those that end', async () => {
  const filling = [1, 2, 3].map((priority) => told4({ priority, importance: priority, idleTimeout: 100 * priority }));
  await both(1, [...filling, told4({ priority: 4 }), told4({ priority: 5 })]);
  const eviction = { type: 'tableMod', tableId: 0, config: ['eviction'], properties: [] } as unknown as MessageBody;
  const evicted = await both(3, [
    eviction,
    told4({ priority: 5 }),
    told4({ priority: 6 }),
    told4({ priority: 7 }),
    told4({ priority: 8 }),
  ]);
  expect(evicted.filter((line) => line.includes('eviction'))).toHaveLength(3);
  await both(1, [askFlows()]);
  await both(0, [{ ...eviction, config: [] } as unknown as MessageBody]);
});

test('a table that fills and empties tells it', async () => {
  const vacancy = { type: 'vacancy', vacancyDown: 40, vacancyUp: 60, vacancy: 0 };
  const watching = { type: 'tableMod', tableId: 0, config: ['vacancyEvents'], properties: [vacancy] };
  const flows = [1, 2, 3, 4].map((priority) => flowMod({ priority }));
  await both(1, [watching as unknown as MessageBody, ...flows]);
  await both(
    1,
    [1, 2, 3].map((priority) => flowMod({ command: 'deleteStrict', priority })),
  );
  await both(0, [{ ...watching, config: [], properties: [] } as unknown as MessageBody]);
});

const PUNTS: readonly (readonly [string, readonly MessageBody[]])[] = [
  ['a miss', [flowMod({ priority: 0, cookie: 5n, instructions: applied(output('controller', 0xffff)) })]],
  ['an action, and its length', [flowMod({ priority: 9, instructions: applied(output('controller', 20)) })]],
  [
    'metadata and registers',
    [
      flowMod({
        instructions: applied(
          action({ type: 'setField', field: 'metadata', value: 7n }),
          action({ type: 'setField', field: 'reg3', value: 5 }),
          output('controller', 0xffff),
        ),
      }),
    ],
  ],
  [
    'a group',
    [
      groupMod({ buckets: [bucket({ actions: [output('controller', 0xffff)] as never })] }),
      flowMod({ instructions: applied(action({ type: 'group', groupId: 1 })) }),
    ],
  ],
  ['an action set', [flowMod({ cookie: 6n, instructions: written(output('controller', 0xffff)) })]],
  [
    'a second table',
    [
      flowMod({ instructions: [{ type: 'gotoTable', tableId: 4 }] }),
      flowMod({ tableId: 4, priority: 0, cookie: 9n, instructions: applied(output('controller', 0xffff)) }),
    ],
  ],
  [
    'another id',
    [
      flowMod({
        instructions: applied(
          action({ type: 'controller', maxLen: 99, controllerId: 3, reason: 'applyAction' }),
          output('controller'),
        ),
      }),
    ],
  ],
  [
    'another reason',
    [
      flowMod({
        instructions: applied(
          action({ type: 'controller', maxLen: 99, controllerId: 0, reason: 'invalidTtl' }),
          output('controller'),
        ),
      }),
    ],
  ],
];

test.for(PUNTS)('packets to the controller by %s', async ([, flows]) => {
  await both(0, flows);
  const punted = await both(1, [], (side) => side.receive(2, frame(1)));
  expect(punted[0]).toContain('packetIn');
  await both(1, [askFlows()]);
});

test.for([
  'packetIn',
  'packetIn2',
  'standard',
] as const)('packets to the controller in the format %s', async (format) => {
  const instructions = applied(
    action({ type: 'setField', field: 'reg1', value: 5 }),
    action({ type: 'controller2', properties: [{ type: 'userdata', data: Uint8Array.of(1, 2) }] }),
  );
  await both(0, [{ type: 'setPacketInFormat', format }, flowMod({ instructions })]);
  await both(1, [], (side) => side.receive(3, frame(1)));
  await both(0, [{ type: 'setPacketInFormat', format: 'standard' }]);
});

test('a packet-out that comes back, by its actions and by the tables', async () => {
  const packetOut = (port: string) =>
    ({
      ...{ type: 'packetOut', bufferId: 0xffff_ffff, inPort: 2, actions: [output(port, 0xffff)], data: frame(1) },
    }) as unknown as MessageBody;
  await both(0, [flowMod({ priority: 0, cookie: 5n, instructions: applied(output('controller', 0xffff)) })]);
  await both(2, [packetOut('controller'), packetOut('table')]);
});

test('the counters of a flow that replaces another, with its counters begun anew or not', async () => {
  const flow = (more: Record<string, unknown>) => flowMod({ instructions: applied(output(1)), ...more });
  await both(0, [flow({})], async (side) => {
    await side.receive(2, frame(1));
    await side.receive(2, frame(2));
    await side.warp(1000);
  });
  const [counted] = await both(1, [askFlows()]);
  expect(counted).toMatch(/packetCount\W+0x2\b/);
  await both(1, [flow({ cookie: 4n }), askFlows()]);
  await both(1, [flow({ command: 'modify', flags: ['resetCounts'] }), askFlows()]);
  await both(1, [flow({ flags: ['resetCounts'] }), askFlows()]);
});

const learn = (more: Record<string, unknown>) =>
  action({
    ...{
      type: 'learn',
      idleTimeout: 20,
      hardTimeout: 0,
      priority: 50,
      cookie: 0x99n,
      flags: ['sendFlowRem'],
      table: 5,
    },
    ...{ finIdleTimeout: 0, finHardTimeout: 0 },
    specs: [
      { type: 'match', bits: 48, source: { field: 'ethDst', offset: 0 }, field: 'ethSrc', offset: 0 },
      { type: 'output', bits: 16, source: { field: 'nxmInPort', offset: 0 } },
    ],
    ...more,
  });

test('flows that are learned, live on while packets come, and go with the flow that learned them', async () => {
  const flow = flowMod({
    cookie: 1n,
    instructions: applied(learn({ flags: ['sendFlowRem', 'deleteLearned'] }), output(1)),
  });
  await both(0, [flow]);
  await both(0, [], (side) => side.receive(2, frame(1)));
  await both(0, [], (side) => side.receive(3, frame(2)));
  const [learned] = await both(1, [askFlows({ tableId: 5 })]);
  expect(learned!.match(/priority/g)).toHaveLength(2);
  // From another port: the flow is changed, and keeps its place.
  await both(0, [], (side) => side.receive(4, frame(2)));
  await both(1, [askFlows({ tableId: 5 })]);
  await both(2, [flowMod({ command: 'deleteStrict' })]);
  await both(1, [askFlows({ tableId: 5 })]);
});

test('a learned flow with timeouts for the end of a connection', async () => {
  await both(0, [flowMod({ instructions: applied(learn({ finIdleTimeout: 2, finHardTimeout: 3 })) })], (side) =>
    side.receive(2, frame(1)),
  );
  await both(1, [askFlows({ tableId: 5 })]);
});

test('a meter lets so many packets pass, and more once time has gone by', async () => {
  const meter = meterMod({ flags: ['pktps', 'burst'], bands: [{ type: 'drop', rate: 1, burstSize: 2 }] });
  const metered = [{ type: 'meter', meterId: 1 }, ...applied(output('controller', 0xffff))] as never;
  const send = (count: number) => async (side: Side) => {
    for (let i = 0; i < count; i++) await side.receive(2, frame(1));
  };
  await both(0, [meter, flowMod({ instructions: metered })]);
  expect(await both(2, [], send(4))).toHaveLength(2);
  // The last ones may still be on their way in Open vSwitch when the first have come back.
  const meters = ask('meter', { meterId: 1 });
  const counted = (packets: number) => (side: Side) =>
    until(side, meters, new RegExp(`packetInCount[\\\\":]+0x${packets}\\\\"`));
  await both(0, [], counted(4));
  await both(1, [meters], (side) => side.warp(1000));
  expect(await both(1, [], send(3))).toHaveLength(1);
  await both(0, [], counted(7));
  await both(1, [meters]);
});

test('bundles that nobody adds to are thrown away after ten seconds', async () => {
  const open = { type: 'bundleControl', bundleId: 7, control: 'openRequest', flags: [], properties: [] };
  await both(1, [open as unknown as MessageBody]);
  await both(1, [], warp(12));
  await both(1, [{ ...open, control: 'commitRequest' } as unknown as MessageBody]);
});
