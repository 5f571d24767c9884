/**
 * A switch that is not there: it answers as Open vSwitch does to all that a controller asks (OpenFlow 1.4, 6 and 7), and
 * remembers flows, groups and meters; it forwards nothing. It knows no socket: bytes come by `receive` and go by `write`.
 * What a load generator looks at millions of times, flow-mods and packet-outs, it is given as it lies in the chunk.
 */

import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { GroupMod } from '../../proto/openflow/group-mod.ts';
import { decodeMessage, encodeMessage, type Message, type MessageOf } from '../../proto/openflow/message.ts';
import type { MeterMod } from '../../proto/openflow/meter-mod.ts';
import type { Port } from '../../proto/openflow/port.ts';
import type { Role } from '../../proto/openflow/role.ts';
import { createFlowTable, punts, type StandingFlow } from './flow-table.ts';
import { createMonitors } from './monitors.ts';
import { answerMultipart, type SwitchState, TABLES } from './multiparts.ts';

/** By the specification's names: `flowModFailed`, `tableFull`, for instance. */
export interface Refusal {
  errorType: string;
  code: string;
}

export interface SwitchOptions {
  dpid: bigint;
  /** Ports 1 to so many. */
  ports: number;
  write(bytes: Uint8Array): void;
  /** A flow-mod outside a bundle, as it lies in the chunk; true: it is seen to, and nothing remembers it. */
  flowMod?(bytes: Buffer, at: number, length: number): boolean;
  packetOut?(bytes: Buffer, at: number, length: number): void;
  /** Asked for each flow-mod that is not `flowMod`'s; of a bundle when it is added, and again when it is committed. */
  refuse?(mod: FlowMod, when: 'alone' | 'add' | 'commit'): Refusal | undefined;
  /** The flows that it remembers, or its role, have changed. */
  changed?(): void;
  echoReplied?(): void;
}

export interface SimulatedSwitch extends SwitchState {
  readonly dpid: bigint;
  /** Flows that send to the controller, lowest priority first. */
  punts(): StandingFlow[];
  standing(): StandingFlow[];
  /** One whole message of the controller. */
  receive(bytes: Buffer, at: number, length: number): void;
  /** At the end of each chunk: what was put together meanwhile is written. */
  endOfChunk(): void;
  hello(): void;
}

const TYPE = {
  echoRequest: 2,
  echoReply: 3,
  packetOut: 13,
  flowMod: 14,
  barrierRequest: 20,
  barrierReply: 21,
} as const;

export function createSimulatedSwitch(options: SwitchOptions): SimulatedSwitch {
  const { dpid, write } = options;
  const flows = createFlowTable();
  const groups = new Map<number, GroupMod>();
  const meters = new Map<number, MeterMod>();
  const bundles = new Map<number, Message[]>();
  const monitors = createMonitors(write);
  const config = { flags: 'normal', missSendLen: 128 } as Pick<MessageOf<'setConfig'>, 'flags' | 'missSendLen'>;
  const ports = Array.from({ length: options.ports }, (_, i) => portOf(dpid, i + 1));
  let role: Role = 'equal';
  let generationId = 0n;

  const send = (message: Message) => write(encodeMessage(message));

  function fail(refusal: Refusal, message: Message): void {
    const data = encodeMessage(message).subarray(0, 64);
    send({ type: 'error', ...refusal, data, xid: message.xid } as unknown as Message);
  }

  /** A change by itself, or out of a bundle. */
  function change(message: Message): void {
    switch (message.type) {
      case 'flowMod':
        for (const { event } of flows.apply(message as FlowMod)) monitors.own(event, message.xid);
        break;
      case 'groupMod':
        changeNumbered(groups, message as GroupMod, message.groupId);
        break;
      case 'meterMod':
        changeNumbered(meters, message as MeterMod, message.meterId);
        break;
    }
    options.changed?.();
  }

  function changeAlone(message: Message): void {
    const refusal = message.type === 'flowMod' ? options.refuse?.(message as FlowMod, 'alone') : undefined;
    if (refusal === undefined) change(message);
    else fail(refusal, message);
  }

  function bundleControl(message: MessageOf<'bundleControl'>): void {
    const { bundleId } = message;
    const reply = (control: MessageOf<'bundleControl'>['control']) => send({ ...message, control });
    const changes = bundles.get(bundleId);
    if (message.control === 'openRequest') {
      bundles.set(bundleId, []);
      reply('openReply');
    } else if (changes === undefined) {
      fail({ errorType: 'bundleFailed', code: 'badId' }, message);
    } else if (message.control === 'closeRequest') reply('closeReply');
    else {
      bundles.delete(bundleId);
      if (message.control === 'discardRequest') reply('discardReply');
      else if (commit(changes)) reply('commitReply');
      else fail({ errorType: 'bundleFailed', code: 'msgFailed' }, message);
    }
  }

  /** All or nothing: the first that is refused is told, as Open vSwitch does. */
  function commit(changes: readonly Message[]): boolean {
    for (const message of changes) {
      const refusal = message.type === 'flowMod' ? options.refuse?.(message as FlowMod, 'commit') : undefined;
      if (refusal === undefined) continue;
      fail(refusal, message);
      return false;
    }
    for (const message of changes) change(message);
    return true;
  }

  function bundleAdd({ bundleId, message }: MessageOf<'bundleAdd'>): void {
    const refusal = message.type === 'flowMod' ? options.refuse?.(message as FlowMod, 'add') : undefined;
    if (refusal !== undefined) fail(refusal, message);
    else if (bundles.get(bundleId)?.push(message) === undefined) {
      fail({ errorType: 'bundleFailed', code: 'badId' }, message);
    }
  }

  function answer(message: Message): void {
    const { xid } = message;
    switch (message.type) {
      case 'featuresRequest':
        send({
          type: 'featuresReply',
          ...{ datapathId: dpid, nBuffers: 0, nTables: TABLES, auxiliaryId: 0, reserved: 0, xid },
          capabilities: [
            'flowStats',
            'tableStats',
            'portStats',
            'groupStats',
            'queueStats',
            'bundles',
            'flowMonitoring',
          ],
        });
        break;
      case 'setConfig':
        Object.assign(config, { flags: message.flags, missSendLen: message.missSendLen });
        break;
      case 'getConfigRequest':
        send({ type: 'getConfigReply', ...config, xid });
        break;
      case 'roleRequest':
        if (message.role !== 'noChange') role = message.role;
        if (message.role === 'master' || message.role === 'slave') generationId = message.generationId;
        send({ type: 'roleReply', role, generationId, xid });
        options.changed?.();
        break;
      case 'getAsyncRequest':
        send({ type: 'getAsyncReply', properties: [], xid });
        break;
      case 'multipartRequest': {
        const parts = answerMultipart(state, message as MessageOf<'multipartRequest'>);
        if (parts === undefined) fail({ errorType: 'badRequest', code: 'badMultipart' }, message);
        else for (const part of parts) send(part);
        if (message.kind === 'flowMonitor') monitors.add(message.request);
        break;
      }
      case 'flowMod':
      case 'groupMod':
      case 'meterMod':
        changeAlone(message);
        break;
      case 'bundleControl':
        bundleControl(message as MessageOf<'bundleControl'>);
        break;
      case 'bundleAdd':
        bundleAdd(message as MessageOf<'bundleAdd'>);
        break;
      case 'hello':
      case 'setAsync':
      case 'portMod':
      case 'tableMod':
      case 'error':
        break;
      default:
        fail({ errorType: 'badRequest', code: 'badType' }, message);
    }
  }

  const state: SwitchState = { name: `sim${dpid}`, ports, flows, groups, meters };
  return {
    ...state,
    dpid,
    standing: () => [...flows.flows.values()],
    punts: () => [...flows.flows.values()].filter(punts).toSorted((a, b) => a.priority - b.priority),
    hello: () => send({ type: 'hello', elements: [{ type: 'versionBitmap', versions: [5] }], xid: 1 }),
    receive(bytes, at, length) {
      const type = bytes[at + 1];
      if (type === TYPE.packetOut) options.packetOut?.(bytes, at, length);
      else if (type === TYPE.flowMod && options.flowMod?.(bytes, at, length) === true) {
        monitors.own('added', bytes.readUInt32BE(at + 4));
      } else if (type === TYPE.echoRequest || type === TYPE.barrierRequest) {
        monitors.flush();
        const reply = Buffer.copyBytesFrom(bytes, at, length);
        reply[1] = type === TYPE.echoRequest ? TYPE.echoReply : TYPE.barrierReply;
        write(reply);
      } else if (type === TYPE.echoReply) options.echoReplied?.();
      else answer(decodeMessage(Buffer.copyBytesFrom(bytes, at, length)));
    },
    endOfChunk: () => monitors.flush(),
  };
}

function changeNumbered<T extends { command: string | number }>(
  all: Map<number, T>,
  mod: T,
  number: number | string,
): void {
  if (mod.command !== 'delete') all.set(number as number, mod);
  else if (number === 'all') all.clear();
  else all.delete(number as number);
}

function portOf(dpid: bigint, portNo: number): Port {
  const end = (Number(dpid & 0xffn) << 8) | (portNo & 0xff);
  const hwAddr = `02:ff:00:00:${hex(end >> 8)}:${hex(end & 0xff)}`;
  return { portNo, hwAddr, name: `p${portNo}`, config: [], state: ['live'], properties: [] };
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0');
