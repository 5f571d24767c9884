/** Actions (OpenFlow 1.4, 7.2.4), with those of Nicira's extension among them. */

import type { Codec, Infer } from '../wire/codec.ts';
import { lazy } from '../wire/codec.ts';
import { within } from '../wire/decode-error.ts';
import { inside } from '../wire/encode-error.ts';
import { list } from '../wire/list.ts';
import { padding, rest, u8, u16, u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';
import { type Clone, clone } from './nicira/clone.ts';
import { type Ct, ct } from './nicira/ct.ts';
import { learn } from './nicira/learn.ts';
import { nat } from './nicira/nat.ts';
import { regLoad, regMove } from './nicira/register.ts';
import { resubmit } from './nicira/resubmit.ts';
import { UnknownFieldError } from './oxm.ts';
import { groupNumber, portNumber } from './ports.ts';
import { setField } from './set-field.ts';

const EXPERIMENTER = 0xffff;
const NICIRA = 0x00002320;

const nothing = padding(4);

const standard = tagged(
  {
    output: [0, struct({ port: portNumber, maxLen: u16, pad: padding(6) }, 'output')],
    copyTtlOut: [11, struct({ pad: nothing }, 'copyTtlOut')],
    copyTtlIn: [12, struct({ pad: nothing }, 'copyTtlIn')],
    setMplsTtl: [15, struct({ ttl: u8, pad: padding(3) }, 'setMplsTtl')],
    decMplsTtl: [16, struct({ pad: nothing }, 'decMplsTtl')],
    pushVlan: [17, struct({ ethertype: u16, pad: padding(2) }, 'pushVlan')],
    popVlan: [18, struct({ pad: nothing }, 'popVlan')],
    pushMpls: [19, struct({ ethertype: u16, pad: padding(2) }, 'pushMpls')],
    popMpls: [20, struct({ ethertype: u16, pad: padding(2) }, 'popMpls')],
    setQueue: [21, struct({ queueId: u32 }, 'setQueue')],
    group: [22, struct({ groupId: groupNumber }, 'group')],
    setNwTtl: [23, struct({ ttl: u8, pad: padding(3) }, 'setNwTtl')],
    decNwTtl: [24, struct({ pad: nothing }, 'decNwTtl')],
    setField: [25, setField],
    pushPbb: [26, struct({ ethertype: u16, pad: padding(2) }, 'pushPbb')],
    popPbb: [27, struct({ pad: nothing }, 'popPbb')],
    experimenter: [EXPERIMENTER, struct({ experimenter: u32, body: rest }, 'experimenter')],
  },
  { padding: 'included' },
);

export type Action =
  | Infer<typeof standard>
  | Infer<typeof regLoad>
  | Infer<typeof regMove>
  | Infer<typeof resubmit>
  | Infer<typeof learn>
  | Infer<typeof nat>
  | { type: 'ctClear' }
  | Ct<Action>
  | Clone<Action>;

/** Nicira's actions by subtype (nicira-ext.h, enum nx_action_subtype). */
// biome-ignore lint/suspicious/noExplicitAny: the codecs differ in type; Action above recovers each.
const nicira: Record<string, [subtype: number, codec: Codec<any>]> = {
  regMove: [6, regMove],
  regLoad: [7, regLoad],
  resubmit: [14, resubmit],
  learn: [16, learn],
  ct: [35, ct<Action>(lazy(() => action))],
  nat: [36, nat],
  clone: [42, clone<Action>(lazy(() => action))],
  ctClear: [43, struct({ pad: padding(6) }, 'ctClear')],
};
const niciraBySubtype = new Map(Object.entries(nicira).map(([name, [subtype, codec]]) => [subtype, { name, codec }]));

export const action: Codec<Action> = {
  encode(writer, value) {
    const variant = nicira[value.type];
    if (variant === undefined) {
      standard.encode(writer, value as Infer<typeof standard>);
      return;
    }
    const start = writer.position;
    writer.u16(EXPERIMENTER);
    writer.u16(0);
    writer.u32(NICIRA);
    writer.u16(variant[0]);
    try {
      variant[1].encode(writer, value);
    } catch (error) {
      throw inside(error, value.type);
    }
    writer.align(start, 8);
    writer.patchU16(start + 2, writer.position - start);
  },
  decode(reader) {
    const variant = peekNicira(reader);
    if (variant === undefined) return standard.decode(reader);
    const start = reader.position;
    const length = reader.view.getUint16(start + 2);
    const body = reader.sub(length);
    body.take(10);
    try {
      const value = variant.codec.decode(body) as Action;
      body.expectEnd();
      return value;
    } catch (error) {
      if (!(error instanceof UnknownFieldError)) throw within(error, variant.name);
      reader.position = start;
      return standard.decode(reader);
    }
  },
};

/** The Nicira action that starts here, where it is one that we know and its length is possible. */
function peekNicira(reader: { view: DataView; position: number; remaining: number }) {
  const { view, position } = reader;
  if (reader.remaining < 16 || view.getUint16(position) !== EXPERIMENTER) return undefined;
  const length = view.getUint16(position + 2);
  if (length < 16 || length % 8 !== 0 || view.getUint32(position + 4) !== NICIRA) return undefined;
  return niciraBySubtype.get(view.getUint16(position + 8));
}

export const actions = list(action);
