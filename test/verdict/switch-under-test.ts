/** What real and simulated switches have in common here: OpenFlow goes in, frames go in, and what came of each is told. */

import type { flowStats } from '../../proto/openflow/flow-stats.ts';
import { encodeMessage, type Message, type MessageBody } from '../../proto/openflow/message.ts';
import type { MeterMod } from '../../proto/openflow/meter-mod.ts';
import type { Infer } from '../../proto/wire/codec.ts';
import { formatFlowStats } from '../../src/flow/text/format-flow.ts';
import { createControllerEnd } from './controller-end.ts';

/** Every switch here has these ports, and its own. */
export const PORTS = [1, 2, 3, 4] as const;
export const LOCAL = 0xfffffffe;
export const DATAPATH_ID = 0x0000_5e00_5300_0001n;

/** A message that the switch did not take. */
export interface Refused {
  /** Which of those that were sent, from 0. */
  index: number;
  errorType: string;
  code: string | number;
}

/** What came of one frame or packet-out. */
export interface Came {
  /** Frames in hexadecimal digits, in the order in which they left, by the port that they left by. */
  frames: Record<number, string[]>;
  packetIns: Message[];
  refused: Refused[];
}

export interface SwitchUnderTest {
  /** No flows, groups, meters, connections, stations: as when it was made. */
  clear(): Promise<void>;
  install(messages: readonly MessageBody[]): Promise<Refused[]>;
  receive(port: number, frame: Uint8Array): Promise<Came>;
  /** A packet-out, for instance. */
  send(message: MessageBody): Promise<Came>;
  /** Its flows as ovs-ofctl dumps them, without durations, sorted. */
  flows(): Promise<string[]>;
}

/** The ends of one switch that differ between a real one and a simulated one. */
export interface Ends {
  write(bytes: Uint8Array): void;
  /** A frame comes in; it is seen to when the promise resolves and a barrier has been answered. */
  inject(port: number, frame: Uint8Array): Promise<void>;
  /** What left by the ports since it was asked last. */
  left(): Record<number, string[]>;
  clear(): Promise<void>;
  /** Counters are as they should be after this, and what was on its way to the controller has been sent. */
  settle(): Promise<void>;
}

export interface Wired extends SwitchUnderTest {
  /** From the switch's connection. */
  take(chunk: Uint8Array): void;
  /** The connection is closed. */
  ended(): void;
  /** What came of something else is nobody's. */
  forget(): Promise<void>;
  /** Says hello, and asks for packets to the controller as a whole. */
  greet(): Promise<void>;
}

export function createSwitchUnderTest(ends: Ends): Wired {
  const controller = createControllerEnd(ends.write);

  /** Transactions count from 1: errors tell by them what was refused. */
  const encoded = (messages: readonly MessageBody[]) =>
    messages.map((message, index) => encodeMessage({ ...message, xid: index + 1 }));

  function cameOf(messages: readonly Message[]): Came {
    return {
      frames: ends.left(),
      packetIns: messages.filter(({ type }) => type === 'packetIn').map((message) => ({ ...message, xid: 0 })),
      refused: refusedOf(messages),
    };
  }

  return {
    take: controller.take,
    ended: controller.ended,
    async forget() {
      await controller.turn([]);
      ends.left();
    },
    async greet() {
      ends.write(encodeMessage({ type: 'hello', elements: [{ type: 'versionBitmap', versions: [5] }], xid: 1 }));
      const came = await controller.turn(encoded([{ type: 'setConfig', flags: 'normal', missSendLen: 0xffff }]));
      if (refusedOf(came).length > 0) throw new Error('the switch refused its configuration');
    },
    async clear() {
      await controller.turn(encoded(CLEARING));
      await ends.clear();
      ends.left();
    },
    install: async (messages) => refusedOf(await controller.turn(encoded(messages))),
    async receive(port, frame) {
      await ends.inject(port, frame);
      return cameOf(await controller.turn([]));
    },
    async send(message) {
      const first = await controller.turn(encoded([message]));
      // A packet-out is done by the time that its barrier is answered; what it sends to the controller comes behind.
      await ends.settle();
      const more = [await controller.turn([]), await controller.turn([])];
      return cameOf([...first, ...more.flat()]);
    },
    async flows() {
      await ends.settle();
      const replies = await controller.ask({
        type: 'multipartRequest',
        flags: [],
        kind: 'flow',
        request: {
          tableId: 'all',
          outPort: 'any',
          outGroup: 'any',
          cookie: 0n,
          cookieMask: 0n,
          match: {},
        },
      });
      const flows = replies.flatMap((reply) => (reply.kind === 'flow' ? reply.reply : []));
      return flows.map(flowLine).sort();
    },
  };
}

function flowLine(flow: Infer<typeof flowStats>): string {
  return formatFlowStats({ ...flow, durationSec: 0, durationNsec: 0 })
    .trim()
    .replace(/ duration=[^ ]*/, '');
}

function refusedOf(messages: readonly Message[]): Refused[] {
  return messages.flatMap((message) => {
    if (message.type !== 'error') return [];
    const { errorType, code } = message as { errorType?: string; code?: string | number };
    return [{ index: message.xid - 1, errorType: String(errorType), code: code ?? '' }];
  });
}

const everyMeter: MeterMod = { type: 'meterMod', command: 'delete', flags: [], meterId: 'all', bands: [] };
const CLEARING: readonly MessageBody[] = [
  {
    type: 'flowMod',
    cookie: 0n,
    cookieMask: 0n,
    tableId: 'all',
    command: 'delete',
    idleTimeout: 0,
    hardTimeout: 0,
    priority: 0,
    bufferId: 0xffffffff,
    outPort: 'any',
    outGroup: 'any',
    flags: [],
    importance: 0,
    match: {},
    instructions: [],
  },
  { type: 'groupMod', command: 'delete', groupType: 'all', groupId: 'all', buckets: [] },
  everyMeter,
];
