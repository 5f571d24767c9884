/**
 * Packets to controllers (OpenFlow 1.4, 7.4.1; NXT_PACKET_IN, NXT_PACKET_IN2): whole, whatever `max_len` says, as Open
 * vSwitch does.
 */

import type { Message } from '../../../proto/openflow/message.ts';
import { NO_BUFFER } from '../../../proto/openflow/reserved-numbers.ts';
import { putU32 } from '../../packet/bytes.ts';
import type { PacketForController } from '../switch-state.ts';
import { wants } from './async-config.ts';
import type { SwitchCore } from './core.ts';
import type { Link } from './link.ts';
import { matchOnWire } from './wire-form.ts';

const SHORT = 0xffff;
const CONTINUATION = 8;

export function puntPacket(core: SwitchCore, packet: PacketForController): void {
  for (const link of core.links) {
    if (!link.greeted || link.closed || link.controllerId !== packet.controllerId) continue;
    if (!wants(link.async, 'packetIn', packet.reason, link.role === 'slave')) continue;
    link.send(packetInFor(core, link, packet));
  }
}

function packetInFor(core: SwitchCore, { packetInFormat }: Link, packet: PacketForController): Message {
  const { reason, cookie, frame } = packet;
  const match = matchOnWire(packet.match);
  // Of what no table sent.
  const tableId = Math.max(0, packet.tableId);
  const totalLen = Math.min(frame.length, SHORT);
  const common = { bufferId: NO_BUFFER, totalLen, reason, tableId, cookie, data: frame, xid: 0 };
  if (packetInFormat === 'standard') return { type: 'packetIn', ...common, match };
  if (packetInFormat === 'packetIn') {
    const { inPort, ...others } = match;
    return { type: 'niciraPacketIn', ...common, match: { nxmInPort: (inPort ?? 0) & SHORT, ...others } };
  }
  const { userdata, continuation } = packet;
  return {
    type: 'packetIn2',
    properties: [
      { type: 'packet', data: frame },
      { type: 'tableId', tableId },
      { type: 'cookie', cookie },
      { type: 'reason', reason },
      { type: 'metadata', match },
      ...(userdata === undefined ? [] : [{ type: 'userdata', data: userdata } as const]),
      ...(continuation === undefined ? [] : [{ type: 'continuation', data: keep(core, continuation) } as const]),
    ],
    xid: 0,
  };
}

/** How many packets wait for a controller that may have forgotten them. */
const MOST_PAUSED = 1024;

/** What the switch remembers of a paused packet has no bytes here: they are its number. */
function keep(core: SwitchCore, continuation: unknown): Uint8Array {
  const { paused } = core;
  const bytes = new Uint8Array(CONTINUATION);
  const last = [...paused.keys()].at(-1);
  const number = last === undefined ? 1 : Number(last) + 1;
  putU32(bytes, 4, number);
  paused.set(String(number), continuation);
  if (paused.size > MOST_PAUSED) paused.delete(paused.keys().next().value!);
  return bytes;
}
