/** A packet's way through a switch: read, translated pass by pass, carried out; from a port, or out of a packet-out. */

import type { Conntrack } from '../conntrack/conntrack.ts';
import { type ConntrackState, CT_STATE } from '../conntrack/state.ts';
import { extractKey } from '../frame/extract.ts';
import { type Frame, frameOf } from '../frame/frame.ts';
import { countLabels } from '../frame/mpls.ts';
import { countTags } from '../frame/vlan.ts';
import { clearConnection, emptyKey, type Key } from '../key/key.ts';
import { createKeyPool } from '../key/key-pool.ts';
import { FIRST_CONNECTION_WORD, WORD } from '../key/layout.ts';
import type { SwitchState } from '../switch-state.ts';
import { type Execution, execute, type PacketInConntrack } from './execute.ts';
import { createMacTable, type MacTable } from './mac-table.ts';
import type { Packet } from './packet.ts';
import type { Step } from './program.ts';
import { finishPause } from './steps/controller.ts';
import { NO_OUTPUT, runActionSet } from './steps/tables.ts';
import {
  beginInTable,
  type Frozen,
  finishFreezing,
  type Remaining,
  runSteps,
  type Translation,
} from './translation.ts';
import type { Watcher } from './watcher.ts';

export interface PipelineOptions {
  state: SwitchState;
  conntrack: Conntrack<PacketInConntrack>;
  /** VLAN tags that are read (other_config:vlan-limit); Open vSwitch's default is 1. */
  vlanLimit?: number;
}

export interface Pipeline {
  /** What NORMAL has learned. */
  readonly macs: MacTable;
  /** A frame has come in. `tunnel`: a key whose tunnel words go with it. */
  receive(portNo: number, bytes: Uint8Array, tunnel?: Key, watcher?: Watcher): void;
  /** The steps of a packet-out, as if the packet had come by `inPort`; gives why it was dropped on its way, where it was. */
  packetOut(inPort: number, bytes: Uint8Array, steps: readonly Step[], watcher?: Watcher): string | undefined;
  /** A packet that `pause` had sent to the controller goes on. */
  resume(bytes: Uint8Array, continuation: Continuation): void;
}

/** What goes with a packet that waits at the controller. */
export interface Continuation {
  frozen: Frozen;
  ct: ConntrackState | undefined;
}

/** Passes of one packet (MAX_RECIRC_DEPTH). */
const MOST_PASSES = 8;
const FIRST_TUNNEL_WORD = WORD.tunnelId;
const BEHIND_TUNNEL_WORDS = WORD.pktMark;

export function createPipeline({ state, conntrack, vlanLimit = 1 }: PipelineOptions): Pipeline {
  const keys = createKeyPool();
  let passes = 0;
  const macs = createMacTable();

  function translationOf(packet: Packet, key: Key, watcher: Watcher | undefined): Translation {
    const { base, frame } = packet;
    return {
      state,
      key,
      length: () => frame.bytes.length + 4 * (countTags(key) - countTags(base) + countLabels(key) - countLabels(base)),
      actions: [],
      dirty: false,
      tableId: 0,
      flow: undefined,
      isLast: true,
      isBack: false,
      met: [],
      metBuckets: [],
      learned: [],
      seen: [],
      stack: [],
      actionSet: [],
      exit: false,
      freezing: false,
      remaining: [],
      error: undefined,
      endless: false,
      depth: 0,
      resubmits: 0,
      conntracked: false,
      wasMpls: false,
      inGroup: false,
      inActionSet: false,
      inPacketOut: false,
      hashing: false,
      repeating: false,
      maxLen: 0,
      vlanLimit,
      pausing: undefined,
      macs,
      keys,
      watcher,
    };
  }

  /** One pass, and what it comes to. `begin`: what the translation starts with. */
  function pass(
    packet: Packet,
    key: Key,
    begin: (translation: Translation) => void,
    watcher: Watcher | undefined,
  ): string | undefined {
    const translation = translationOf(packet, key, watcher);
    begin(translation);
    if (translation.error === undefined && !translation.freezing) runActionSet(translation);
    if (translation.pausing !== undefined) finishPause(translation);
    else if (translation.freezing) finishFreezing(translation);
    // Of a packet-out that fails nothing has happened.
    if (translation.error !== undefined && translation.inPacketOut) return translation.error;
    count(translation, packet.frame.bytes.length);
    for (const learned of translation.learned) state.learn(learned);
    for (const { vlan, mac, portNo } of translation.seen) macs.learn(vlan, mac, portNo, state.now());
    if (translation.error !== undefined || translation.actions.length === 0) return translation.error;
    const execution: Execution = {
      state,
      conntrack,
      watcher,
      reread,
      again: (copy, frozen) => again(copy, frozen, watcher),
    };
    execute(execution, packet, translation.actions);
    return undefined;
  }

  function count({ met, metBuckets }: Translation, length: number): void {
    const now = state.now();
    for (const flow of met) {
      flow.packets++;
      flow.bytes += length;
      flow.used = now;
    }
    for (const { group, bucket } of metBuckets) {
      const counted = bucket ?? group;
      counted.packets++;
      counted.bytes += length;
    }
  }

  function reread(frame: Frame, key?: Key): void {
    const mark = keys.mark();
    extractKey(frame, key ?? keys.take(), vlanLimit);
    keys.release(mark);
  }

  /** The packet as its bytes are now, with what was remembered of it. */
  function again(packet: Packet, frozen: Frozen, watcher: Watcher | undefined): void {
    if (passes >= MOST_PASSES) {
      watcher?.note(`the packet has come back more than ${MOST_PASSES} times: it is dropped`);
      return;
    }
    withKeys((key, base) => {
      key.set(frozen.metadata);
      if (frozen.conntracked) setConnection(key, packet.ct);
      else clearConnection(key);
      key[WORD.dpHash] = packet.hash;
      extractKey(packet.frame, key, vlanLimit);
      base.set(key);
      watcher?.begin(key, true);
      const continued: Packet = { ...packet, base, ethType: key[WORD.ethType]! };
      pass(continued, key, (translation) => thaw(translation, frozen), watcher);
    });
  }

  function thaw(translation: Translation, frozen: Frozen): void {
    translation.stack = frozen.stack.map((each) => [...each]);
    translation.actionSet = [...frozen.actionSet];
    translation.conntracked = frozen.conntracked;
    if (frozen.tableId !== undefined) {
      beginInTable(translation, frozen.tableId);
      return;
    }
    // One list, in which each flow's rest begins with where it was: what looks at the rest of its list sees all.
    runSteps(
      translation,
      frozen.remaining.flatMap((rest) => [backIn(rest), ...rest.steps]),
    );
  }

  /** Two keys for as long as it runs: what its packets cause comes by here again, deeper. */
  function withKeys(run: (key: Key, base: Key) => void): void {
    const mark = keys.mark();
    passes++;
    try {
      run(keys.take(), keys.take());
    } finally {
      passes--;
      keys.release(mark);
    }
  }

  function start(
    inPort: number,
    bytes: Uint8Array,
    tunnel: Key | undefined,
    begin: (translation: Translation) => void,
    watcher: Watcher | undefined,
  ): string | undefined {
    const before = passes;
    let error: string | undefined;
    passes = 0;
    withKeys((key, base) => {
      key.fill(0, 0, FIRST_CONNECTION_WORD);
      clearConnection(key);
      key[WORD.inPort] = inPort;
      key[WORD.actsetOutput] = NO_OUTPUT;
      if (tunnel !== undefined) {
        key.set(tunnel.subarray(FIRST_TUNNEL_WORD, BEHIND_TUNNEL_WORDS), FIRST_TUNNEL_WORD);
      }
      const frame = frameOf(bytes);
      extractKey(frame, key, vlanLimit);
      const packet: Packet = { frame, base, ethType: key[WORD.ethType]!, ct: undefined, cut: 0, hash: 0 };
      base.set(key);
      watcher?.begin(key, false);
      error = pass(packet, key, begin, watcher);
    });
    passes = before;
    return error;
  }

  return {
    macs,
    receive(portNo, bytes, tunnel, watcher) {
      const port = state.ports.get(portNo);
      if (port?.config.includes('noRecv') === true) watcher?.note(`port ${portNo} takes nothing in`);
      else void start(portNo, bytes, tunnel, enterFirstTable, watcher);
    },
    packetOut(inPort, bytes, steps, watcher) {
      const begin = (translation: Translation) => {
        translation.inPacketOut = true;
        runSteps(translation, steps);
      };
      return start(inPort, bytes, undefined, begin, watcher);
    },
    resume(bytes, { frozen, ct }) {
      again({ frame: frameOf(bytes), base: emptyKey(), ethType: 0, ct, cut: 0, hash: 0 }, frozen, undefined);
    },
  };
}

const enterFirstTable = (translation: Translation) => beginInTable(translation, 0);

function backIn({ tableId, flow }: Remaining): Step {
  return {
    of: { type: 'note', note: new Uint8Array() },
    needsHeaders: false,
    run(translation) {
      translation.tableId = tableId;
      translation.flow = flow;
      translation.isBack = true;
    },
  };
}

const TELLS_ORIGINAL = CT_STATE.new | CT_STATE.established | CT_STATE.reply;

function setConnection(key: Key, ct: ConntrackState | undefined): void {
  clearConnection(key);
  if (ct === undefined) return;
  key[WORD.ctState] = ct.state;
  key[WORD.ctZone] = ct.zone;
  key[WORD.ctMark] = ct.mark;
  key.set(ct.label, WORD.ctLabel);
  const { original } = ct;
  // Of what is related alone, flows do not see whose it is.
  if (original === undefined || (ct.state & TELLS_ORIGINAL) === 0) return;
  const isIpv6 = original.src.length === 4;
  key[WORD.ctNwProto] = original.protocol;
  key.set(original.src, isIpv6 ? WORD.ctIpv6Src : WORD.ctNwSrc);
  key.set(original.dst, isIpv6 ? WORD.ctIpv6Dst : WORD.ctNwDst);
  key[WORD.ctTpSrc] = original.srcPort;
  key[WORD.ctTpDst] = original.dstPort;
}
