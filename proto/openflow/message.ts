/** Every message: the header (OpenFlow 1.4, 7.1) and, by its type, the rest. */

import { type Codec, type Infer, lazy } from '../wire/codec.ts';
import { DecodeError, within } from '../wire/decode-error.ts';
import { EncodeError, inside } from '../wire/encode-error.ts';
import { Reader } from '../wire/reader.ts';
import { rest, u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { Writer } from '../wire/writer.ts';
import { type BundleAdd, bundleAdd, bundleControl } from './bundle.ts';
import { error } from './error.ts';
import { flowMod, flowRemoved } from './flow-mod.ts';
import { groupMod } from './group-mod.ts';
import { hello } from './hello.ts';
import { multipartReply, multipartRequest } from './multipart.ts';
import { packetIn } from './packet-in.ts';
import { packetOut } from './packet-out.ts';
import { portStatus } from './port.ts';
import { featuresReply, featuresRequest, getConfigReply, getConfigRequest, setConfig } from './switch-config.ts';

/** The wire version of OpenFlow 1.4. */
export const OPENFLOW_1_4 = 0x05;
export const HEADER_LENGTH = 8;

const echoRequest = struct({ data: rest }, 'echoRequest');
const echoReply = struct({ data: rest }, 'echoReply');
const experimenter = struct({ experimenter: u32, experimenterType: u32, body: rest }, 'experimenter');
const barrierRequest = struct({}, 'barrierRequest');
const barrierReply = struct({}, 'barrierReply');

const MESSAGES = {
  hello: [0, hello],
  error: [1, error],
  echoRequest: [2, echoRequest],
  echoReply: [3, echoReply],
  experimenter: [4, experimenter],
  featuresRequest: [5, featuresRequest],
  featuresReply: [6, featuresReply],
  getConfigRequest: [7, getConfigRequest],
  getConfigReply: [8, getConfigReply],
  setConfig: [9, setConfig],
  packetIn: [10, packetIn],
  flowRemoved: [11, flowRemoved],
  portStatus: [12, portStatus],
  packetOut: [13, packetOut],
  flowMod: [14, flowMod],
  groupMod: [15, groupMod],
  multipartRequest: [18, multipartRequest],
  multipartReply: [19, multipartReply],
  barrierRequest: [20, barrierRequest],
  barrierReply: [21, barrierReply],
  bundleControl: [33, bundleControl],
} as const;

/** A type that no schema names keeps its code and its bytes. */
interface UnknownMessage {
  type: 'unknown';
  code: number;
  body: Uint8Array;
}

/** A message without its header: what a sender gives, who then adds version and xid. */
export type MessageBody =
  | { [K in keyof typeof MESSAGES]: Infer<(typeof MESSAGES)[K][1]> }[keyof typeof MESSAGES]
  | BundleAdd<Message>
  | UnknownMessage;

export type Message = MessageBody & {
  /** Wire version; 0x05 unless said otherwise. */
  version?: number;
  xid: number;
};

export type MessageType = MessageBody['type'];
export type MessageOf<T extends MessageType> = Extract<MessageBody, { type: T }> & { version?: number; xid: number };

const codecs: Record<string, readonly [code: number, codec: Codec<never>]> = {
  ...(MESSAGES as unknown as Record<string, readonly [number, Codec<never>]>),
  bundleAdd: [34, bundleAdd<Message>(lazy(() => message)) as Codec<never>],
};
const byCode = new Map(Object.entries(codecs).map(([name, [code, codec]]) => [code, [name, codec] as const]));

export const message: Codec<Message> = {
  encode(writer, value) {
    const variant = codecs[value.type];
    if (variant === undefined && value.type !== 'unknown') throw new EncodeError(`"${value.type}" is no message type`);
    const start = writer.position;
    writer.u8(value.version ?? OPENFLOW_1_4);
    writer.u8(variant?.[0] ?? (value as UnknownMessage).code);
    writer.u16(0);
    u32.encode(writer, value.xid);
    try {
      if (variant === undefined) writer.bytes((value as UnknownMessage).body);
      else variant[1].encode(writer, value as never);
    } catch (cause) {
      throw inside(cause, value.type);
    }
    const length = writer.position - start;
    if (length > 0xffff) throw new EncodeError(`is ${length} bytes long; a message holds at most 65535`, value.type);
    writer.patchU16(start + 2, length);
  },
  decode(reader) {
    const start = reader.position;
    const version = reader.u8();
    const code = reader.u8();
    const length = reader.u16();
    const xid = reader.u32();
    if (length < HEADER_LENGTH) {
      throw new DecodeError(`a length of ${length} does not even hold the header`, start + 2, 'length');
    }
    const body = reader.sub(length - HEADER_LENGTH);
    const variant = byCode.get(code);
    let value: Message;
    if (variant === undefined) value = { type: 'unknown', code, body: body.rest(), xid };
    else {
      try {
        value = variant[1].decode(body) as unknown as Message;
        body.expectEnd();
      } catch (cause) {
        throw within(cause, variant[0]);
      }
      value.xid = xid;
    }
    if (version !== OPENFLOW_1_4) value.version = version;
    return value;
  },
};

/** One message as bytes of its own. */
export function encodeMessage(value: Message): Uint8Array {
  const writer = new Writer();
  message.encode(writer, value);
  return writer.finish();
}

/** The one message that `bytes` is, whole. Throws DecodeError and nothing else. */
export function decodeMessage(bytes: Uint8Array): Message {
  const reader = new Reader(bytes);
  const value = message.decode(reader);
  reader.expectEnd();
  return value;
}
