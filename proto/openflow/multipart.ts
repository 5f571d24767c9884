/** OFPT_MULTIPART_REQUEST and _REPLY (OpenFlow 1.4, 7.3.5): questions whose answers may come in several messages. */

import type { Codec, Infer } from '../wire/codec.ts';
import { DecodeError, within } from '../wire/decode-error.ts';
import { EncodeError, inside } from '../wire/encode-error.ts';
import { flags } from '../wire/flags.ts';
import { list } from '../wire/list.ts';
import { text, u8, u16, u32, u64 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { flowStats, flowStatsRequest } from './flow-stats.ts';
import { groupDesc } from './group-mod.ts';
import { port } from './port.ts';
import { portStats, portStatsRequest } from './port-stats.ts';

const none = struct({});

const desc = struct({
  mfrDesc: text(256),
  hwDesc: text(256),
  swDesc: text(256),
  serialNum: text(32),
  dpDesc: text(256),
});

const tableStats = struct({
  tableId: u8,
  pad: padding(3),
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
});

/** name → [code, request, reply] */
export const PARTS = {
  desc: [0, none, desc],
  flow: [1, flowStatsRequest, list(flowStats)],
  table: [3, none, list(tableStats)],
  portStats: [4, portStatsRequest, list(portStats)],
  groupDesc: [7, none, list(groupDesc)],
  portDesc: [13, none, list(port)],
} as const;

export type MultipartKind = keyof typeof PARTS;
type Requests = { [K in MultipartKind]: { kind: K; request: Infer<(typeof PARTS)[K][1]> } };
type Replies = { [K in MultipartKind]: { kind: K; reply: Infer<(typeof PARTS)[K][2]> } };

export type MultipartFlags = ('more' | number)[];
/** A kind that no schema names keeps its code and its bytes. */
interface UnknownPart {
  kind: 'unknown';
  code: number;
  body: Uint8Array;
}
export type MultipartRequest = { type: 'multipartRequest'; flags: MultipartFlags } & (
  | Requests[MultipartKind]
  | UnknownPart
);
export type MultipartReply = { type: 'multipartReply'; flags: MultipartFlags } & (Replies[MultipartKind] | UnknownPart);
export type MultipartRequestBody<K extends MultipartKind> = Requests[K]['request'];
export type MultipartReplyBody<K extends MultipartKind> = Replies[K]['reply'];

const partFlags = flags(u16, { more: 1 });
const byCode = new Map<number, MultipartKind>();
for (const [kind, [code]] of Object.entries(PARTS)) byCode.set(code, kind as MultipartKind);

function multipart(type: 'multipartRequest' | 'multipartReply', field: 'request' | 'reply'): Codec<never> {
  const index = field === 'request' ? 1 : 2;
  const codec: Codec<Record<string, unknown>> = {
    encode(writer, value) {
      const kind = value.kind as MultipartKind | 'unknown';
      const part = kind === 'unknown' ? undefined : PARTS[kind];
      if (part === undefined && kind !== 'unknown') throw new EncodeError(`"${String(kind)}" is no multipart type`);
      writer.u16(part?.[0] ?? (value.code as number));
      partFlags.encode(writer, value.flags as MultipartFlags);
      writer.zeros(4);
      if (part === undefined) {
        writer.bytes(value.body as Uint8Array);
        return;
      }
      try {
        (part[index] as Codec<unknown>).encode(writer, value[field]);
      } catch (error) {
        throw inside(error, kind);
      }
    },
    decode(reader) {
      if (reader.remaining < 8) throw new DecodeError('is shorter than its head', reader.position);
      const code = reader.u16();
      const flagged = partFlags.decode(reader);
      reader.take(4);
      const kind = byCode.get(code);
      if (kind === undefined) return { type, flags: flagged, kind: 'unknown', code, body: reader.rest() };
      try {
        return { type, flags: flagged, kind, [field]: PARTS[kind][index].decode(reader) };
      } catch (error) {
        throw within(error, kind);
      }
    },
  };
  return codec as Codec<never>;
}

export const multipartRequest = multipart('multipartRequest', 'request') as Codec<MultipartRequest>;
export const multipartReply = multipart('multipartReply', 'reply') as Codec<MultipartReply>;
