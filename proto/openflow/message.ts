/**
 * Every message: the header (OpenFlow 1.4, 7.1) and, by its type, the rest. Those that are too small for a file of their
 * own are here: barrier (7.3.7), echo (7.5.2 and 7.5.3), experimenter (7.5.5).
 */

import { type AnyCodec, type Codec, type Infer, lazy, structure, type Variants } from '../wire/codec.ts';
import { DecodeError, Unrecognized, within } from '../wire/decode-error.ts';
import { EncodeError, inside } from '../wire/encode-error.ts';
import { encodePart } from '../wire/part.ts';
import { Reader } from '../wire/reader.ts';
import { rest, u8, u32 } from '../wire/scalars.ts';
import { patchLength, struct } from '../wire/struct.ts';
import { typeOf } from '../wire/tagged.ts';
import { Writer } from '../wire/writer.ts';
import { getAsyncReply, getAsyncRequest, setAsync } from './async-config.ts';
import { type BundleAdd, bundleAdd, bundleControl } from './bundle.ts';
import { compileMessages, withInterpreted } from './compiled.ts';
import { error } from './error.ts';
import { NICIRA } from './experimenter.ts';
import { flowMod, flowRemoved } from './flow-mod.ts';
import { groupMod } from './group-mod.ts';
import { hello } from './hello.ts';
import { meterMod } from './meter-mod.ts';
import { multipartReply, multipartRequest } from './multipart.ts';
import { NICIRA_MESSAGES, type NiciraMessage } from './nicira/message.ts';
import { OPENFLOW_1_0, olderError } from './older-error.ts';
import { packetIn } from './packet-in.ts';
import { packetOut } from './packet-out.ts';
import { portStatus } from './port.ts';
import { portMod } from './port-mod.ts';
import { type RequestForward, requestForward } from './request-forward.ts';
import { roleReply, roleRequest, roleStatus } from './role.ts';
import { featuresReply, featuresRequest, getConfigReply, getConfigRequest, setConfig } from './switch-config.ts';
import { tableMod, tableStatus } from './table-mod.ts';

/** The wire version of OpenFlow 1.4. */
export const OPENFLOW_1_4 = 0x05;
export const HEADER_LENGTH = 8;

const echoRequest = struct({ data: rest }, 'echoRequest');
const echoReply = struct({ data: rest }, 'echoReply');
const experimenter = structure(
  'ofp_experimenter_msg',
  struct({ experimenter: u32, experimenterType: u32, body: rest }, 'experimenter'),
);
const barrierRequest = struct({}, 'barrierRequest');
const barrierReply = struct({}, 'barrierReply');

const plain = {
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
  portMod: [16, portMod],
  tableMod: [17, tableMod],
  multipartRequest: [18, multipartRequest],
  multipartReply: [19, multipartReply],
  barrierRequest: [20, barrierRequest],
  barrierReply: [21, barrierReply],
  roleRequest: [24, roleRequest],
  roleReply: [25, roleReply],
  getAsyncRequest: [26, getAsyncRequest],
  getAsyncReply: [27, getAsyncReply],
  setAsync: [28, setAsync],
  meterMod: [29, meterMod],
  roleStatus: [30, roleStatus],
  tableStatus: [31, tableStatus],
  bundleControl: [33, bundleControl],
} as const;

const self: Codec<Message> = lazy(() => interpretedMessage);

/** name → [type, codec of what follows the header] */
export const MESSAGES: Variants = {
  ...plain,
  requestForward: [32, requestForward(self)],
  bundleAdd: [34, bundleAdd(self)],
};

/** A type that no schema names keeps its code and its bytes. */
interface UnknownMessage {
  type: 'unknown';
  code: number;
  body: Uint8Array;
}

/** A message without its header: what a sender gives, who then adds version and xid. */
export type MessageBody =
  | { [K in keyof typeof plain]: Infer<(typeof plain)[K][1]> }[keyof typeof plain]
  | RequestForward<Message>
  | BundleAdd<Message>
  | NiciraMessage
  | UnknownMessage;

export type Message = MessageBody & {
  /** Wire version; 0x05 unless said otherwise. */
  version?: number;
  xid: number;
};

export type MessageType = MessageBody['type'];
export type MessageOf<T extends MessageType> = Extract<MessageBody, { type: T }> & { version?: number; xid: number };

/** Which codec a message has, and what its header says. */
interface Variant {
  name: string;
  code: number;
  codec: AnyCodec;
  /** Of Nicira's messages: the type inside OFPT_EXPERIMENTER. */
  niciraType?: number;
}

const EXPERIMENTER = plain.experimenter[0];
const variants: Variant[] = Object.entries(MESSAGES).map(([name, [code, codec]]) => ({ name, code, codec }));
const niciraVariants: Variant[] = Object.entries(NICIRA_MESSAGES).map(([name, [niciraType, codec]]) => ({
  name,
  code: EXPERIMENTER,
  codec,
  niciraType,
}));
const byName = new Map([...variants, ...niciraVariants].map((variant) => [variant.name, variant]));
const byCode = new Map(variants.map((variant) => [variant.code, variant]));
const byNiciraType = new Map(niciraVariants.map((variant) => [variant.niciraType, variant]));

/** What a message means: no code but the schemas'. */
export const interpretedMessage: Codec<Message> = structure('ofp_header', {
  form: { kind: 'custom', parts: [...variants, ...niciraVariants].map(({ codec }) => codec) },
  encode(writer, value) {
    const type = typeOf(value);
    const variant = byName.get(type);
    if (variant === undefined && type !== 'unknown') throw new EncodeError(`"${type}" is no message type`);
    const start = writer.position;
    try {
      if (value.version === undefined) writer.u8(OPENFLOW_1_4);
      else encodePart(writer, value, 'version', u8);
      if (variant === undefined) encodePart(writer, value as UnknownMessage, 'code', u8);
      else writer.u8(variant.code);
      writer.u16(0);
      encodePart(writer, value, 'xid', u32);
      if (variant?.niciraType !== undefined) {
        writer.u32(NICIRA);
        writer.u32(variant.niciraType);
      }
      if (variant === undefined) encodePart(writer, value as UnknownMessage, 'body', rest);
      else codecOf(variant, value.version).encode(writer, value);
      patchLength(writer, start + 2, start);
    } catch (cause) {
      throw inside(cause, type);
    }
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
    const value = decodeBody(body, code, version);
    return version === OPENFLOW_1_4 ? { ...value, xid } : { ...value, xid, version };
  },
});

function codecOf({ codec }: Variant, version: number | undefined): AnyCodec {
  return codec === error && version === OPENFLOW_1_0 ? olderError : codec;
}

function decodeBody(body: Reader, code: number, version: number): MessageBody {
  const start = body.position;
  const nicira = code === EXPERIMENTER ? niciraVariant(body) : undefined;
  if (nicira !== undefined) {
    body.take(8);
    try {
      return decodeVariant(nicira, body, version);
    } catch (error) {
      if (!(error instanceof Unrecognized)) throw error;
      body.position = start;
    }
  }
  const variant = byCode.get(code);
  if (variant === undefined) return { type: 'unknown', code, body: body.rest() };
  return decodeVariant(variant, body, version);
}

/** Nicira's message that starts behind the header, where it is one that we know. */
function niciraVariant(body: Reader): Variant | undefined {
  if (body.remaining < 8 || body.u32At(body.position) !== NICIRA) return undefined;
  return byNiciraType.get(body.u32At(body.position + 4));
}

function decodeVariant(variant: Variant, body: Reader, version: number): MessageBody {
  try {
    const value = codecOf(variant, version).decode(body) as MessageBody;
    body.expectEnd();
    return value;
  } catch (cause) {
    throw within(cause, variant.name);
  }
}

/** Generated code alone, which gives up whatever is not plain; for tests. */
export const compiledMessage = compileMessages({
  interpreted: interpretedMessage,
  variants: [...variants, ...niciraVariants],
  version: OPENFLOW_1_4,
});

/** Fast where generated code has an answer; the same values, bytes and errors as the interpreted codec always. */
export const message = withInterpreted(compiledMessage, interpretedMessage);

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
