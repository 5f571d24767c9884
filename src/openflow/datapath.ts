/** One switch after its handshake: who it is, its ports kept current, and its asynchronous messages by kind. */

import type { FlowRemoved } from '../../proto/openflow/flow-mod.ts';
import { encodeMessage, type Message, type MessageOf } from '../../proto/openflow/message.ts';
import type { PacketIn } from '../../proto/openflow/packet-in.ts';
import { createPacketInPlace, type PacketInPlace, placeDecoded } from '../../proto/openflow/packet-in-place.ts';
import type { Port } from '../../proto/openflow/port.ts';
import { RESERVED_PORTS } from '../../proto/openflow/reserved-numbers.ts';
import type { Connection } from './connection.ts';
import type { OpenFlowError } from './openflow-error.ts';

export type FlowMonitorReply = Extract<MessageOf<'multipartReply'>, { kind: 'flowMonitor' }>;
export type RequestForward = MessageOf<'requestForward'>;

export interface DatapathEvents {
  /** All messages of a chunk have been told. */
  chunkRead?(): void;
  /** `place` is another packet-in's after the call. */
  packetIn(datapath: Datapath, place: PacketInPlace): void;
  /** Whether a message, one that answers none of our requests, says nothing new: it is not read any further. */
  isKnown?(datapath: Datapath, bytes: Uint8Array): boolean;
  /** After `ports` was brought up to date. */
  portChanged(datapath: Datapath, change: 'added' | 'changed' | 'removed', port: Port): void;
  flowRemoved(datapath: Datapath, flowRemoved: FlowRemoved): void;
  /** What the switch tells of changes of its flows, to whom asked for it. */
  flowUpdates?(datapath: Datapath, reply: FlowMonitorReply): void;
  /** What another asked of the switch's groups and meters and got, to whom wants to know. */
  requestForwarded?(datapath: Datapath, message: RequestForward): void;
  /** An error that no request waits for. */
  error(datapath: Datapath, error: OpenFlowError): void;
  /** A message that can't be read, which the switch was told; what it said is lost. */
  unreadable?(datapath: Datapath, reason: string): void;
  close(datapath: Datapath, reason: string): void;
}

export interface Datapath {
  readonly connection: Connection;
  readonly id: bigint;
  /** 16 hex digits, as OVSDB's Bridge.datapath_id writes it. */
  readonly dpid: string;
  /** `Open vSwitch 3.1.0`, from its description. */
  readonly description: string;
  /** By port number; the local port is RESERVED_PORTS.local. */
  readonly ports: ReadonlyMap<number, Port>;
  /** For the connection: a message that answers no request. */
  receive(message: Message): void;
  receivePacketIn(place: PacketInPlace): void;
}

/** Open vSwitch numbers up to 65,279 of them; more are made up. */
const MOST_PORTS = 0x10000;

/** Throws where the switch claims more ports than any has. */
export function createDatapath(
  connection: Connection,
  id: bigint,
  description: { hwDesc: string; swDesc: string },
  portList: readonly Port[],
  events: DatapathEvents,
): Datapath {
  if (portList.length > MOST_PORTS) throw new Error(`the switch claims ${portList.length} ports`);
  const ports = new Map<number, Port>();
  for (const port of portList) ports.set(portKey(port), port);
  const datapath: Datapath = {
    connection,
    id,
    dpid: id.toString(16).padStart(16, '0'),
    description: `${description.hwDesc} ${description.swDesc}`.trim(),
    ports,
    receivePacketIn: (place) => events.packetIn(datapath, place),
    receive(message) {
      switch (message.type) {
        case 'packetIn': {
          const place = createPacketInPlace();
          placeDecoded(place, message as PacketIn, encodeMessage(message));
          events.packetIn(datapath, place);
          return;
        }
        case 'flowRemoved':
          events.flowRemoved(datapath, message as FlowRemoved);
          return;
        case 'portStatus': {
          const { desc, reason } = message;
          const number = portKey(desc);
          const known = ports.has(number);
          if (reason === 'delete') ports.delete(number);
          else ports.set(number, desc);
          if (ports.size > MOST_PORTS) connection.close(`the switch claims more than ${MOST_PORTS} ports`);
          events.portChanged(datapath, reason === 'delete' ? 'removed' : known ? 'changed' : 'added', desc);
          return;
        }
        case 'multipartReply':
          if (message.kind === 'flowMonitor') events.flowUpdates?.(datapath, message as FlowMonitorReply);
          return;
        case 'requestForward':
          events.requestForwarded?.(datapath, message as RequestForward);
          return;
        default:
          return;
      }
    },
  };
  return datapath;
}

function portKey(port: Port): number {
  return typeof port.portNo === 'number' ? port.portNo : RESERVED_PORTS[port.portNo];
}
