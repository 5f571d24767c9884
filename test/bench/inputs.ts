// What the codec is measured with: packet-ins as Open vSwitch sends them, and the flows of the NAT and firewall apps.
import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { FlowStats } from '../../proto/openflow/flow-stats.ts';
import { decodeMessage, encodeMessage, type MessageOf } from '../../proto/openflow/message.ts';
import { labMessages } from '../oracle/lab-messages.ts';

/** From a table that punts, with what the pipeline knew of the packets: as many as four chunks of a socket hold. */
export function packetInFrames(payload: number): Uint8Array[] {
  const one = encodeMessage({
    type: 'packetIn',
    bufferId: 0xffffffff,
    totalLen: payload,
    reason: 'applyAction',
    tableId: 30,
    cookie: 0xf100df78e9052af9n,
    match: { inPort: 7, reg1: 2, reg4: 1, reg8: 0xbdb4, reg10: 0x4b50, metadata: 0xbdb4n },
    data: Uint8Array.from({ length: payload }, (_, i) => i & 0xff),
    xid: 0,
  });
  return framesOf(one, 4);
}

const CHUNK = 65536;

/** Messages as the framer cuts them out of what a socket read: one after another in as many chunks. */
function framesOf(message: Uint8Array, chunks: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let i = 0; i < chunks; i++) {
    const chunk = Buffer.from(new ArrayBuffer(CHUNK));
    for (let at = 0; at + message.length <= CHUNK; at += message.length) {
      chunk.set(message, at);
      frames.push(chunk.subarray(at, at + message.length));
    }
  }
  return frames;
}

/** The apps' part of a cookie (src/flow/cookie.ts), as the labs' runs had them. */
const NAT = 0x01n;
const FIREWALL = 0x76n;

/** The flow-mods that the NAT and firewall apps added in the labs. */
export function flowMods(): MessageOf<'flowMod'>[] {
  const found: MessageOf<'flowMod'>[] = [];
  for (const bytes of labMessages()) {
    const message = decodeMessage(bytes);
    if (message.type !== 'bundleAdd' || message.message.type !== 'flowMod') continue;
    const app = (message.message.cookie >> 40n) & 0xffn;
    if (app === NAT || app === FIREWALL) found.push(message.message);
  }
  return found;
}

/** Replies with so many of those flows, and counters. */
export function flowStatsFrames(entries: number): Uint8Array[] {
  const flows = flowMods().filter(({ command }) => command === 'add');
  const reply = Array.from({ length: entries }, (_, i) => statistics(flows[i % flows.length]!, i));
  return framesOf(encodeMessage({ type: 'multipartReply', flags: [], kind: 'flow', reply, xid: 77 }), 4);
}

function statistics(flow: FlowMod, i: number): FlowStats {
  return {
    tableId: flow.tableId === 'all' ? 0xff : flow.tableId,
    durationSec: 1000 + i,
    durationNsec: 123_000_000 + i,
    priority: flow.priority,
    idleTimeout: flow.idleTimeout,
    hardTimeout: flow.hardTimeout,
    flags: flow.flags,
    importance: flow.importance,
    cookie: flow.cookie,
    packetCount: BigInt(i) * 1_000n,
    byteCount: BigInt(i) * 98_000n,
    match: flow.match,
    instructions: flow.instructions,
  };
}
