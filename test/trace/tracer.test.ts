/** Traces through switches of a few flows each: cables, loops, flows that cannot be followed, connections. */

import { expect, test } from 'vitest';
import type { TraceRequest } from '../../src/api/trace.ts';
import type { TableFlow } from '../../src/flow/flow.ts';
import { parseFlow } from '../../src/flow/text/parse-flow.ts';
import { buildPacket } from '../../src/packet/build.ts';
import { createTracedSwitch } from '../../src/sim/traced-switch.ts';
import type { KnownSwitch } from '../../src/trace/knowledge.ts';
import { trace } from '../../src/trace/tracer.ts';

interface Cabled {
  flows: string[];
  /** Port → where it leads. */
  cables?: Record<number, [name: string, port: number]>;
}

const PORTS = [1, 2, 3];
const flowOf = (text: string) => parseFlow(text) as unknown as TableFlow;

async function traced(switches: Record<string, Cabled>, request: TraceRequest, extra: TableFlow[] = []) {
  const known = Object.keys(switches).map(
    (name): KnownSwitch => ({
      ...{ dpid: name, name, host: undefined, bridge: undefined },
      ports: PORTS.map((number) => ({ number, name: `p${number}`, mac: undefined, isLocal: false })),
      stations: [
        { mac: '02:00:00:00:00:0a', addresses: [], segment: undefined, port: 1, isHere: name === 's1' },
        { mac: '02:00:00:00:00:0b', addresses: [], segment: undefined, port: 2, isHere: name === 's1' },
      ],
    }),
  );
  const { packets, notes } = await trace(request, {
    knowledge: { network: undefined, switches: known },
    async switchAt(name) {
      const { flows, cables = {} } = switches[name]!;
      const ports = PORTS.map((portNo) => ({
        ...{ portNo, name: `p${portNo}`, hwAddr: '02:00:00:00:00:00', live: true, tunnel: undefined },
      }));
      const one = createTracedSwitch<TableFlow>({ ports, groups: [] });
      for (const flow of [...flows.map(flowOf), ...extra]) expect(one.add(flow)).toBeUndefined();
      const place = (table: number) => ({
        ...{ table, tableName: `t${table}`, stage: null, app: 'test', intent: null, source: null },
        ...{ cookie: null, priority: null, match: null, actions: null },
      });
      return {
        ...{ dpid: name, name, traced: one, notes: [] },
        names: {
          flow: ({ tableId, priority }) => ({ ...place(tableId), priority, match: '', actions: '' }),
          table: place,
          port: (number) => `p${number}`,
          group: (id) => `group ${id}`,
          zone: (zone) => `zone ${zone}`,
          fields: [],
        },
        beyond({ port }) {
          const [to, number] = cables[port] ?? [];
          const at = known.find((each) => each.name === to);
          if (at === undefined) return undefined;
          return { place: { at, port: at.ports[number! - 1]! }, tunnel: undefined, by: `cable of ${name}` };
        },
      };
    },
  });
  return { packets, notes, verdicts: packets.map(({ verdict, problem }) => verdict?.text ?? problem) };
}

const ping = 'from s1:p1 ping 10.0.0.2';

test('over a cable, to who is behind the last switch', async () => {
  const { packets, verdicts } = await traced(
    {
      s1: { flows: ['in_port=1,actions=dec_ttl,output:3'], cables: { 3: ['s2', 3] } },
      s2: { flows: ['in_port=3,actions=output:1,output:2'] },
    },
    { words: ping },
  );
  const text = 'icmp echo request id 1 seq 1 192.0.2.1 → 10.0.0.2';
  expect(verdicts).toEqual([`delivered to 2 ports: s2:p1, s2:p2 as ${text}`]);
  expect(packets[0]!.ways.map(({ switch: name, by }) => [name, by])).toEqual([
    ['s1', null],
    ['s2', 'cable of s1'],
  ]);
  expect(packets[0]!.ways[0]!.steps[0]!.changes).toEqual([{ field: 'ip_ttl', was: '64', is: '63', of: 'packet' }]);
});

test('round and round: it says so, and ends', async () => {
  const { packets, verdicts } = await traced(
    {
      s1: { flows: ['actions=output:3'], cables: { 3: ['s2', 1] } },
      s2: { flows: ['actions=output:2'], cables: { 2: ['s1', 1] } },
    },
    { words: ping },
  );
  expect(verdicts).toEqual(['it has come through 64 switches, and goes on: the rest is not traced']);
  expect(packets[0]!.ways).toHaveLength(64);
});

test('a flow whose actions are not known is told of only where a packet meets it', async () => {
  const unknown = {
    ...flowOf('table=1,priority=5,udp,actions=drop'),
    instructions: [{ type: 'unknown', code: 99, body: new Uint8Array(0) }],
  } as unknown as TableFlow;
  const flows = { s1: { flows: ['actions=resubmit(,1)', 'table=1,priority=1,actions=output:2'] } };
  const met = await traced(flows, { words: 'from s1:p1 udp to 10.0.0.2:5' }, [unknown]);
  expect(met.verdicts[0]).toMatch(/^this flow cannot be followed: its actions are not known here/);
  expect(met.packets[0]!.verdict).toBeNull();
  const past = await traced(flows, { words: ping }, [unknown]);
  expect(past.verdicts[0]).toMatch(/^delivered to s1:p2 /);
});

test('what nothing matches, and what is sent back where it came from', async () => {
  const nothing = await traced({ s1: { flows: ['in_port=2,actions=drop'] } }, { words: ping });
  expect(nothing.verdicts).toEqual(['dropped: no flow matches in table 0 t0']);
  const back = await traced({ s1: { flows: ['actions=output:1'] } }, { words: ping });
  expect(back.verdicts[0]).toMatch(/^dropped by test: a flow of table 0 t0: not to the port that it came in by$/);
});

const TRACKED = [
  'in_port=1,actions=ct(commit,table=1)',
  'in_port=2,actions=ct(table=2)',
  'table=1,actions=output:2',
  'table=2,ct_state=+est+rpl,actions=output:1',
];
const ends = { a: { mac: '02:00:00:00:00:0a', ip: '10.0.0.1' }, b: { mac: '02:00:00:00:00:0b', ip: '10.0.0.2' } };

function udp(from: 'a' | 'b'): string {
  const [src, dst] = from === 'a' ? [ends.a, ends.b] : [ends.b, ends.a];
  const frame = buildPacket({
    eth: { src: src.mac, dst: dst.mac },
    ipv4: { src: src.ip, dst: dst.ip },
    udp: from === 'a' ? { srcPort: 5, dstPort: 53 } : { srcPort: 53, dstPort: 5 },
  });
  return Buffer.from(frame).toString('hex');
}

test('frames of one question are one connection, each in by where its sender is', async () => {
  const both = await traced({ s1: { flows: TRACKED } }, { frames: [udp('a'), udp('b')] });
  expect(both.packets.map(({ what, port }) => [what, port])).toEqual([
    ['packet 1', 'p1'],
    ['packet 2', 'p2'],
  ]);
  expect(both.verdicts).toEqual([
    'delivered to s1:p2 as 10.0.0.1:5 → 10.0.0.2:53 udp',
    'delivered to s1:p1 as 10.0.0.2:53 → 10.0.0.1:5 udp',
  ]);
  const alone = await traced({ s1: { flows: TRACKED } }, { frames: [udp('b')] });
  expect(alone.verdicts).toEqual(['dropped: no flow matches in table 2 t2']);
  const told = await traced({ s1: { flows: TRACKED } }, { frames: [udp('b')], ctNext: ['trk,est,rpl'] });
  expect(told.verdicts).toEqual(['delivered to s1:p1 as 10.0.0.2:53 → 10.0.0.1:5 udp']);
});

test('the answer of who got it; where nobody did, or too many, a note says so', async () => {
  const answered = await traced({ s1: { flows: TRACKED } }, { frames: [udp('a')], reply: true });
  expect(answered.verdicts[1]).toBe('delivered to s1:p1 as 10.0.0.2:53 → 10.0.0.1:5 udp');
  const dropped = await traced({ s1: { flows: [] } }, { words: ping, reply: true });
  expect(dropped).toMatchObject({ packets: [{}], notes: ['no answer is traced: nobody gets the packet'] });
  const flooded = await traced({ s1: { flows: ['actions=flood'] } }, { words: ping, reply: true });
  expect(flooded.notes).toEqual(['no answer is traced: more than one gets the packet']);
});

test.for([
  [{}, /in words, or frames/],
  [{ words: ping, frames: [] }, /one of both/],
  [{ words: ping, in: 'p1' }, /said by its `from`/],
  [{ frames: ['zz'] }, /no frame in hexadecimal digits/],
  [{ frames: ['00'] }, /it has 1 bytes; a frame has 14 to 65535/],
  [{ frames: ['00'.repeat(20)] }, /where its sender 00:00:00:00:00:00 is, is not known/],
  [{ frames: Array.from({ length: 1001 }, () => '00') }, /at most 1000 frames/],
  [{ words: ping, ctNext: ['established'] }, /"established" is no state of a connection/],
] as const)('%j cannot be traced', async ([request, message]) => {
  await expect(traced({ s1: { flows: [] } }, request as TraceRequest)).rejects.toThrow(message);
});
