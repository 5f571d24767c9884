/** OFPT_MULTIPART_REQUEST and _REPLY (OpenFlow 1.4, 7.3.5): questions whose answers may come in several messages. */

import { type AnyCodec, type Codec, type Infer, structure } from '../wire/codec.ts';
import { DecodeError, within } from '../wire/decode-error.ts';
import { EncodeError, shown } from '../wire/encode-error.ts';
import { flags } from '../wire/flags.ts';
import { list } from '../wire/list.ts';
import { encodeNamed } from '../wire/part.ts';
import type { Reader } from '../wire/reader.ts';
import { rest, u16, u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import type { Writer } from '../wire/writer.ts';
import { desc } from './desc.ts';
import { NICIRA } from './experimenter.ts';
import { flowMonitorRequest, flowUpdate } from './flow-monitor.ts';
import { aggregateStatsReply, aggregateStatsRequest, flowStats, flowStatsRequest } from './flow-stats.ts';
import { groupDesc, groupFeatures, groupStats, groupStatsRequest } from './group-stats.ts';
import { meterConfig, meterFeatures, meterRequest, meterStats } from './meter-stats.ts';
import { NICIRA_PARTS } from './nicira/multipart.ts';
import { port } from './port.ts';
import { portStats, portStatsRequest } from './port-stats.ts';
import { queueDesc, queueDescRequest, queueStats, queueStatsRequest } from './queue.ts';
import { tableDesc } from './table-desc.ts';
import { tableFeatures } from './table-features.ts';
import { tableStats } from './table-stats.ts';

const none = struct({});

const experimenter = structure(
  'ofp_experimenter_multipart_header',
  struct({ experimenter: u32, experimenterType: u32, body: rest }),
);

/** name → [code, request, reply] */
export const PARTS = {
  desc: [0, none, desc],
  flow: [1, flowStatsRequest, list(flowStats)],
  aggregate: [2, aggregateStatsRequest, aggregateStatsReply],
  table: [3, none, list(tableStats)],
  portStats: [4, portStatsRequest, list(portStats)],
  queueStats: [5, queueStatsRequest, list(queueStats)],
  group: [6, groupStatsRequest, list(groupStats)],
  groupDesc: [7, none, list(groupDesc)],
  groupFeatures: [8, none, groupFeatures],
  meter: [9, meterRequest, list(meterStats)],
  meterConfig: [10, meterRequest, list(meterConfig)],
  meterFeatures: [11, none, meterFeatures],
  tableFeatures: [12, list(tableFeatures), list(tableFeatures)],
  portDesc: [13, none, list(port)],
  tableDesc: [14, none, list(tableDesc)],
  queueDesc: [15, queueDescRequest, list(queueDesc)],
  flowMonitor: [16, list(flowMonitorRequest), list(flowUpdate)],
  experimenter: [0xffff, experimenter, experimenter],
} as const;

/** Every multipart by its name: the standard's, and Nicira's as first-class as those. */
type Parts = typeof PARTS & typeof NICIRA_PARTS;
export type MultipartKind = keyof Parts;
type Requests = { [K in MultipartKind]: { kind: K; request: Infer<Parts[K][1]> } };
type Replies = { [K in MultipartKind]: { kind: K; reply: Infer<Parts[K][2]> } };

export type MultipartFlags = readonly ('more' | number)[];
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

interface Variant {
  kind: string;
  code: number;
  codec: AnyCodec;
  /** Of Nicira's: the type inside OFPMP_EXPERIMENTER. */
  niciraType?: number;
}

const EXPERIMENTER = PARTS.experimenter[0];
const partFlags = flags(u16, { more: 1 });

/** Where the value holds what the codec is of, and which column of the tables that is. */
function multipart<T>(type: string, field: 'request' | 'reply', column: 1 | 2): Codec<T> {
  const variants = Object.entries(PARTS).map(([kind, part]): Variant => ({ kind, code: part[0], codec: part[column] }));
  const nicira = Object.entries(NICIRA_PARTS).map(
    ([kind, part]): Variant => ({ kind, code: EXPERIMENTER, codec: part[column], niciraType: part[0] }),
  );
  const byKind = new Map([...variants, ...nicira].map((variant) => [variant.kind, variant]));
  const byCode = new Map(variants.map((variant) => [variant.code, variant]));
  const byNiciraType = new Map(nicira.map((variant) => [variant.niciraType, variant]));

  function encode(writer: Writer, value: Record<string, unknown>): void {
    const { kind } = value;
    const variant = byKind.get(kind as string);
    if (variant === undefined && kind !== 'unknown') {
      throw new EncodeError(`${shown(kind)} is no kind of multipart`, 'kind');
    }
    encodeNamed(writer, 'code', u16, variant?.code ?? value.code);
    encodeNamed(writer, 'flags', partFlags, value.flags);
    writer.zeros(4);
    if (variant?.niciraType !== undefined) {
      writer.u32(NICIRA);
      writer.u32(variant.niciraType);
    }
    if (variant === undefined) encodeNamed(writer, 'body', rest, value.body);
    else encodeNamed(writer, variant.kind, variant.codec, value[field]);
  }

  function decodePart(variant: Variant, reader: Reader): Record<string, unknown> {
    if (variant.niciraType !== undefined) reader.take(8);
    try {
      const part: unknown = variant.codec.decode(reader);
      reader.expectEnd();
      return { kind: variant.kind, [field]: part };
    } catch (error) {
      throw within(error, variant.kind);
    }
  }

  function decodeBody(code: number, reader: Reader): Record<string, unknown> {
    const extension = code === EXPERIMENTER ? byNiciraType.get(niciraTypeAt(reader)) : undefined;
    const variant = extension ?? byCode.get(code);
    return variant === undefined ? { kind: 'unknown', code, body: reader.rest() } : decodePart(variant, reader);
  }

  const codec: Codec<Record<string, unknown>> = {
    form: { kind: 'custom', parts: [...variants, ...nicira].map((variant) => variant.codec) },
    encode,
    decode(reader) {
      if (reader.remaining < 8) throw new DecodeError('is shorter than its head', reader.position);
      const code = reader.u16();
      const flagged = partFlags.decode(reader);
      reader.take(4);
      return { type, flags: flagged, ...decodeBody(code, reader) };
    },
  };
  return codec as unknown as Codec<T>;
}

/** The type of Nicira's multipart that starts here; undefined where it is none of Nicira's. */
function niciraTypeAt(reader: Reader): number | undefined {
  if (reader.remaining < 8 || reader.u32At(reader.position) !== NICIRA) return undefined;
  return reader.u32At(reader.position + 4);
}

export const multipartRequest = structure(
  'ofp_multipart_request',
  multipart<MultipartRequest>('multipartRequest', 'request', 1),
);
export const multipartReply = structure('ofp_multipart_reply', multipart<MultipartReply>('multipartReply', 'reply', 2));
