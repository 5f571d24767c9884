/** A trace's verdict, carried out: the datapath's actions of every pass on a frame, and so the frames that leave by ports. */

import { hexText } from '../../proto/wire/address.ts';
import { putU16, putU32, u16 } from '../../src/packet/bytes.ts';
import { bracketsOf, type DatapathAction, parseDatapathActions, valuesIn } from './datapath-action-text.ts';
import { setFields } from './datapath-set.ts';
import { type Layout, layoutOf, moved } from './frame-layout.ts';
import type { Trace } from './ofproto-trace.ts';

export interface Carried {
  /** Frames in hexadecimal digits by the datapath's number of the port, in order. */
  frames: Record<number, string[]>;
  /** Frames to userspace for the controller, of which there may be fewer bytes in the packet-in. */
  toController: string[];
}

interface State {
  frame: Uint8Array;
  /** As it was when the frame came, or came back; headers pushed since then lie in front of it. */
  layout: Layout;
  /** So many bytes of the next output's end are left out. */
  cutLength: number;
}

/** Longer than this a dummy port takes none, tag not counted. */
const MTU_FRAME = 1514;

export function carryOut(trace: Trace, frame: Uint8Array): Carried {
  const carried: Carried = { frames: {}, toController: [] };
  const passes = trace.passes.slice(1);

  function run(actions: readonly DatapathAction[], state: State): void {
    for (const action of actions) if (!one(action, state)) return;
  }

  const inside = (text: string | undefined, state: State) =>
    run(parseDatapathActions(text ?? ''), { ...state, frame: Uint8Array.from(state.frame) });

  /** False: nothing behind it is done. */
  function one({ name, body }: DatapathAction, state: State): boolean {
    switch (name) {
      case 'output': {
        const bytes = state.frame.subarray(0, state.frame.length - state.cutLength);
        state.cutLength = 0;
        const tagged = isTag(u16(bytes, 12)) ? 4 : 0;
        if (bytes.length < 14 || bytes.length > MTU_FRAME + tagged) return true;
        const port = Number(body);
        carried.frames[port] = [...(carried.frames[port] ?? []), hexText(bytes)];
        return true;
      }
      case 'drop':
        return false;
      case 'set':
        setFields(state.frame, state.layout, body);
        return true;
      case 'push_vlan':
        pushTag(state, valuesIn(body));
        return true;
      case 'pop_vlan':
        if (!isTag(u16(state.frame, 12))) return true;
        state.frame = cut(state.frame, 12, 4);
        state.layout = moved(state.layout, -4);
        return true;
      case 'push_mpls':
        pushLabel(state, valuesIn(body));
        return true;
      case 'pop_mpls':
        popLabel(state, Number(valuesIn(body).get('eth_type')));
        return true;
      case 'trunc':
        // Counted here, cut at the output: what is pushed in between is not.
        state.cutLength = Math.max(0, state.frame.length - Number(body));
        return true;
      case 'clone':
        inside(body, state);
        return true;
      case 'sample':
        inside(bracketsOf(body, 'actions'), state);
        return true;
      case 'check_pkt_len': {
        const larger = state.frame.length > Number(valuesIn(body).get('size'));
        inside(bracketsOf(body, larger ? 'gt' : 'le'), state);
        return true;
      }
      case 'userspace':
        if (body.includes('controller(')) carried.toController.push(hexText(state.frame));
        // The userspace datapath looks for headers anew here, and behind one tag alone.
        state.layout = layoutOf(state.frame);
        return true;
      case 'recirc': {
        const at = passes.findIndex(({ recirculation }) => recirculation === body);
        const [pass] = at < 0 ? [] : passes.splice(at, 1);
        inside(pass?.datapathActions, { ...state, layout: layoutOf(state.frame) });
        return true;
      }
      case 'ct':
      case 'ct_clear':
      case 'hash':
      case 'meter':
        return true;
      default:
        throw new Error(`the datapath's action ${name}(${body}) is not known here`);
    }
  }

  inside(trace.passes[0]?.datapathActions, { frame, layout: layoutOf(frame), cutLength: 0 });
  return carried;
}

const isTag = (ethType: number) => ethType === 0x8100 || ethType === 0x88a8;

function cut(frame: Uint8Array, at: number, length: number): Uint8Array {
  return Uint8Array.from([...frame.subarray(0, at), ...frame.subarray(at + length)]);
}

function insert(frame: Uint8Array, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(frame.length + length);
  bytes.set(frame.subarray(0, at));
  bytes.set(frame.subarray(at), at + length);
  return bytes;
}

function pushTag(state: State, values: Map<string, string>): void {
  const frame = insert(state.frame, 12, 4);
  putU16(frame, 12, Number(values.get('tpid') ?? 0x8100));
  putU16(frame, 14, (Number(values.get('pcp') ?? 0) << 13) | Number(values.get('vid')));
  state.frame = frame;
  state.layout = moved(state.layout, 4);
}

function pushLabel(state: State, values: Map<string, string>): void {
  const at = state.layout.labels ?? state.layout.network;
  const typeAt = isTag(u16(state.frame, 12)) ? at - 2 : 12;
  const frame = insert(state.frame, at, 4);
  const number = (name: string) => Number(values.get(name) ?? 0);
  putU16(frame, typeAt, number('eth_type'));
  putU32(frame, at, ((number('label') << 12) | (number('tc') << 9) | (number('bos') << 8) | number('ttl')) >>> 0);
  state.frame = frame;
  state.layout = { ...moved(state.layout, 4), labels: at };
}

function popLabel(state: State, ethType: number): void {
  const { labels } = state.layout;
  if (labels === undefined) return;
  const last = (state.frame[labels + 2]! & 1) === 1;
  const frame = cut(state.frame, labels, 4);
  putU16(frame, isTag(u16(frame, 12)) ? labels - 2 : 12, ethType);
  state.frame = frame;
  state.layout = { ...moved(state.layout, -4), labels: last ? undefined : labels };
}
