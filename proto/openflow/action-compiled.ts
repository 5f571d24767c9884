/** The commonest actions that have code of their own, made fast; what is rare in them is left to that code. */

import { ipv4Number, ipv4Text } from '../wire/address.ts';
import type { AnyCodec } from '../wire/codec.ts';
import type { Compiler, Replacement } from '../wire/compile.ts';
import type { Decode } from '../wire/compile-decode.ts';
import type { Encode } from '../wire/compile-encode.ts';
import { GIVE_UP } from '../wire/give-up.ts';
import { JOIN, OBJECT, SLOT, textMemory, weighed } from '../wire/memory.ts';
import type { Writer } from '../wire/writer.ts';
import { action } from './action.ts';
import { NICIRA } from './experimenter.ts';
import type { Ct } from './nicira/ct.ts';
import { type Nat, nat } from './nicira/nat.ts';
import { registerReplacements } from './register-compiled.ts';
import { setFieldReplacement } from './set-field-compiled.ts';

export function compiledActions(compiler: () => Compiler): Replacement[] {
  return [...registerReplacements(), setFieldReplacement(), ctReplacement(compiler), natReplacement()];
}

function sumOf(flags: unknown, bits: ReadonlyMap<unknown, number>): number {
  if (!Array.isArray(flags)) throw GIVE_UP;
  let sum = 0;
  for (let i = 0; i < flags.length; i++) {
    const bit = bits.get(flags[i]);
    if (bit === undefined) throw GIVE_UP;
    sum |= bit;
  }
  return sum;
}

const CT_FLAGS: ReadonlyMap<unknown, number> = new Map([
  ['commit', 1],
  ['force', 2],
]);
const CT_NAMES = [[], ['commit'], ['force'], ['commit', 'force']].map((names) => Object.freeze(names));
const NO_TABLE = 0xff;
const CT_LENGTH = 14;
const CT_MEMORY = OBJECT + 6 * SLOT;

function ctCodec(): { codec: AnyCodec; inner: AnyCodec } {
  const { form } = action;
  const extensions = form?.kind === 'tagged' ? form.extensions : [];
  const codec = extensions.find(({ experimenter }) => experimenter === NICIRA)?.variants.ct?.[1];
  const inner = codec?.form?.kind === 'custom' ? codec.form.parts[0] : undefined;
  if (codec === undefined || inner === undefined) throw new TypeError('ct is no action with actions inside');
  return { codec, inner };
}

function ctReplacement(compiler: () => Compiler): Replacement {
  const { codec, inner } = ctCodec();
  let decodeInner: Decode | undefined;
  let encodeInner: Encode | undefined;
  const unusual = weighed(codec).decode;
  return {
    codec,
    decode(reader) {
      const { view } = reader;
      const at = reader.position + reader.origin;
      const flags = reader.remaining < CT_LENGTH ? undefined : CT_NAMES[view.getUint16(at)];
      if (flags === undefined || view.getUint32(at + 2) !== 0) return unusual(reader);
      decodeInner ??= compiler().decoder(inner);
      reader.spend(CT_MEMORY);
      reader.position += CT_LENGTH;
      const actions = decodeInner(reader);
      const zone = view.getUint16(at + 6);
      const table = view.getUint8(at + 8);
      const alg = view.getUint16(at + 12);
      return table === NO_TABLE
        ? { type: 'ct', flags, zone, alg, actions }
        : { type: 'ct', flags, zone, alg, actions, table };
    },
    encode(writer, value) {
      const { flags, zone, alg, actions, table = NO_TABLE } = value as Ct<unknown>;
      const usual = typeof zone === 'number' && (zone & 0xffff) === zone && (alg & 0xffff) === alg;
      if (!usual || (table & 0xff) !== table || (value as Ct<unknown>).table === NO_TABLE) {
        codec.encode(writer, value);
        return;
      }
      encodeInner ??= compiler().encoder(inner);
      writer.room(CT_LENGTH);
      const { view, position } = writer;
      view.setUint16(position, sumOf(flags, CT_FLAGS));
      view.setUint32(position + 2, 0);
      view.setUint16(position + 6, zone);
      view.setUint32(position + 8, table << 24);
      view.setUint16(position + 12, alg);
      writer.position = position + CT_LENGTH;
      encodeInner(writer, actions);
    },
  };
}

const NAT_FLAGS: ReadonlyMap<unknown, number> = new Map([
  ['src', 1],
  ['dst', 2],
  ['persistent', 4],
  ['protoHash', 8],
  ['protoRandom', 16],
]);
const NAT_NAMES = Array.from({ length: 32 }, (_, bits) =>
  Object.freeze([...NAT_FLAGS].filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name)),
);
/** Both addresses of IPv6; the other ranges are these bits. */
const IPV6_RANGES = 4 | 8;
const NAT_LENGTH = 6;
const ALL_RANGES_LENGTH = 12;
/** Of all ranges. */
const NAT_MEMORY = OBJECT + 9 * SLOT + 2 * (textMemory(12) + JOIN);

function natReplacement(): Replacement {
  const unusual = weighed(nat).decode;
  return {
    codec: nat,
    decode(reader) {
      const { view, origin } = reader;
      const start = reader.position + origin;
      const names = reader.remaining < NAT_LENGTH ? undefined : NAT_NAMES[view.getUint16(start + 2)];
      const present = names === undefined ? 0 : view.getUint16(start + 4);
      if (names === undefined || present > 63 || (present & IPV6_RANGES) !== 0) return unusual(reader);
      reader.spend(NAT_MEMORY);
      reader.position += NAT_LENGTH;
      const value: Record<string, unknown> = { type: 'nat', flags: names };
      if ((present & 1) !== 0) value.ipv4Min = ipv4Text(view.getUint32(reader.take(4) + origin));
      if ((present & 2) !== 0) value.ipv4Max = ipv4Text(view.getUint32(reader.take(4) + origin));
      if ((present & 16) !== 0) value.protoMin = view.getUint16(reader.take(2) + origin);
      if ((present & 32) !== 0) value.protoMax = view.getUint16(reader.take(2) + origin);
      reader.padding();
      return value;
    },
    encode(writer, value) {
      const { flags, ipv4Min, ipv4Max, ipv6Min, ipv6Max, protoMin, protoMax } = value as Nat;
      if (ipv6Min !== undefined || ipv6Max !== undefined) {
        nat.encode(writer, value as Nat);
        return;
      }
      writer.room(NAT_LENGTH + ALL_RANGES_LENGTH);
      const { position } = writer;
      writer.position = position + NAT_LENGTH;
      let present = 0;
      if (ipv4Min !== undefined) present |= putIpv4(writer, ipv4Min);
      if (ipv4Max !== undefined) present |= putIpv4(writer, ipv4Max) << 1;
      if (protoMin !== undefined) present |= putPort(writer, protoMin) << 4;
      if (protoMax !== undefined) present |= putPort(writer, protoMax) << 5;
      const { view } = writer;
      view.setUint32(position, sumOf(flags, NAT_FLAGS));
      view.setUint16(position + 4, present);
    },
  };
}

function putIpv4(writer: Writer, text: unknown): 1 {
  const address = typeof text === 'string' ? ipv4Number(text) : undefined;
  if (address === undefined) throw GIVE_UP;
  writer.u32(address);
  return 1;
}

function putPort(writer: Writer, port: number): 1 {
  if ((port & 0xffff) !== port) throw GIVE_UP;
  writer.u16(port);
  return 1;
}
