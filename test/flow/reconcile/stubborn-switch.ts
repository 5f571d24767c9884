/**
 * A simulated switch that refuses what it is told to refuse, and during whose answers others change its flows: between
 * the parts of a dump, and between a commit and its reply. With our end of a reconciler on it.
 */

import { duplexPair } from 'node:stream';
import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { GroupMod } from '../../../proto/openflow/group-mod.ts';
import { decodeMessage, encodeMessage, type Message, type MessageOf } from '../../../proto/openflow/message.ts';
import type { MeterMod } from '../../../proto/openflow/meter-mod.ts';
import { createFlowIndex } from '../../../src/flow/flow-index.ts';
import { MAIN } from '../../../src/flow/namespace.ts';
import type { ActualFlow } from '../../../src/flow/reconcile/diff.ts';
import { createReconciler, type Reconciler, type ReconcilerOptions } from '../../../src/flow/reconcile/reconciler.ts';
import type { DesiredFlow, Weaver, Woven } from '../../../src/flow/weave/weaver.ts';
import { createConnection } from '../../../src/openflow/connection.ts';
import type { FlowMonitorReply } from '../../../src/openflow/datapath.ts';
import { createFramer } from '../../../src/openflow/framer.ts';
import { createFlowTable, type FlowChange } from '../../sim/flow-table.ts';
import { answerMultipart } from '../../sim/multiparts.ts';
import { onIndex } from './desired-set.ts';

type Mod = FlowMod | GroupMod | MeterMod;

export interface Stubbornness {
  /** Of what others change it tells nothing. */
  monitor?: 'refused';
  bundles?: 'unknown';
  /** `add`: when it is added to a bundle; `commit`: when it would take effect, in a bundle or not. */
  refuses?(mod: Mod, when: 'add' | 'commit'): boolean | 'badOutGroup';
  /** Others may change the switch now. */
  between?(): void;
  /** Leaves barriers unanswered, or questions for its flows. */
  stalls?: 'barriers' | 'flows';
  /** Instead of one that is done at once. */
  weaver?: Pick<Weaver, 'weaving' | 'woven'>;
  options?: ReconcilerOptions;
}

export interface StubbornSwitch {
  reconciler: Reconciler;
  table: ReturnType<typeof createFlowTable>;
  groups: Map<number, GroupMod>;
  meters: Map<number, MeterMod>;
  /** What took effect, in order. */
  done: Mod[];
  /** How often it was asked for each, `bundle commitRequest` among them. */
  asked: Map<string, number>;
  refused: string[];
  failures: string[];
  untold: string[];
  closed: string[];
  /** Another controller's. */
  foreign(mod: FlowMod): void;
  /** From here on changes are told no more; at the end those that stand are. */
  pause(): void;
  resume(): void;
  end(): void;
}

const NAMES = { flowMod: 'badOutPort', groupMod: 'badType', meterMod: 'badType' } as const;

export function createStubbornSwitch(weave: () => Woven, stubbornness: Stubbornness = {}): StubbornSwitch {
  const { refuses = () => false, between = () => undefined } = stubbornness;
  const [ours, theirs] = duplexPair();
  const table = createFlowTable();
  const groups = new Map<number, GroupMod>();
  const meters = new Map<number, MeterMod>();
  const done: Mod[] = [];
  const asked = new Map<string, number>();
  let monitored = false;
  let paused: Set<FlowChange['flow']> | undefined;
  let bundle: (Mod & { xid: number })[] | undefined;

  const send = (message: unknown) => void theirs.write(encodeMessage(message as Message));
  const fail = (xid: number, mod: Mod['type'], code: string = NAMES[mod]) =>
    send({ type: 'error', errorType: 'badAction', code, data: new Uint8Array(8), xid });
  const tell = (...reply: unknown[]) => send({ type: 'multipartReply', flags: [], kind: 'flowMonitor', reply, xid: 0 });

  function told({ event, flow }: FlowChange): unknown {
    const { tableId, priority, idleTimeout, hardTimeout, cookie, match, instructions } = flow;
    const reason = event === 'removed' ? 'delete' : 0;
    return { type: event, tableId, reason, idleTimeout, hardTimeout, priority, cookie, match, instructions };
  }

  function change(mod: Mod, own: number | undefined): void {
    done.push(mod);
    if (mod.type === 'flowMod') {
      for (const each of table.apply(mod)) {
        if (!monitored) continue;
        if (paused === undefined) tell(own === undefined ? told(each) : { type: 'abbrev', xid: own });
        else if (each.event === 'removed') {
          if (!paused.delete(each.flow)) tell(told(each));
        } else paused.add(each.flow);
      }
    } else if (mod.type === 'groupMod' && mod.command === 'delete') groups.delete(Number(mod.groupId));
    else if (mod.type === 'groupMod') groups.set(Number(mod.groupId), mod);
    else if (mod.command === 'delete') meters.delete(Number(mod.meterId));
    else meters.set(Number(mod.meterId), mod);
  }

  function control({ control, bundleId, xid }: MessageOf<'bundleControl'>): void {
    const reply = (step: string) =>
      send({ type: 'bundleControl', bundleId, control: step, flags: ['atomic', 'ordered'], properties: [], xid });
    if (stubbornness.bundles === 'unknown') {
      send({ type: 'error', errorType: 'badRequest', code: 'badType', data: new Uint8Array(8), xid });
      return;
    }
    if (control === 'openRequest') bundle = [];
    if (control === 'commitRequest') {
      // As Open vSwitch: all or none, and only the first culprit is named, before the bundle itself.
      const culprit = bundle?.find((mod) => refuses(mod, 'commit'));
      if (culprit !== undefined) {
        const why = refuses(culprit, 'commit');
        fail(culprit.xid, culprit.type, why === true ? undefined : String(why));
        send({ type: 'error', errorType: 'bundleFailed', code: 'msgFailed', data: new Uint8Array(8), xid });
        bundle = undefined;
        return;
      }
      for (const mod of bundle ?? []) change(mod, mod.xid);
      between();
    }
    reply(String(control).replace('Request', 'Reply'));
  }

  function multipart(message: MessageOf<'multipartRequest'>): void {
    if (message.kind === 'flowMonitor') {
      if (stubbornness.monitor === 'refused') {
        send({ type: 'error', errorType: 'badRequest', code: 'badType', data: new Uint8Array(8), xid: 0, version: 1 });
        return;
      }
      monitored = true;
      send({ type: 'multipartReply', flags: [], kind: 'flowMonitor', reply: [], xid: message.xid });
      return;
    }
    if (message.kind === 'flow' && stubbornness.stalls === 'flows') return;
    const parts = answerMultipart({ name: 'sim', ports: [], flows: table, groups, meters }, message) ?? [];
    for (const part of parts) {
      between();
      send(part);
    }
    if (parts.length === 0)
      send({ type: 'error', errorType: 'badRequest', code: 'badMultipart', data: new Uint8Array(8), xid: message.xid });
    between();
  }

  function handle(message: Message): void {
    const { xid } = message;
    const name = message.type === 'bundleControl' ? `bundle ${message.control}` : message.type;
    asked.set(name, (asked.get(name) ?? 0) + 1);
    between();
    if (message.type === 'barrierRequest') {
      if (stubbornness.stalls !== 'barriers') send({ type: 'barrierReply', xid });
    } else if (message.type === 'echoRequest') send({ type: 'echoReply', data: message.data, xid });
    else if (message.type === 'setAsync' && stubbornness.monitor === 'refused') fail(xid, 'groupMod');
    else if (message.type === 'multipartRequest') multipart(message as MessageOf<'multipartRequest'>);
    else if (message.type === 'bundleControl') control(message as MessageOf<'bundleControl'>);
    else if (message.type === 'bundleAdd') {
      const mod = (message as unknown as { message: Mod & { xid: number } }).message;
      if (refuses(mod, 'add')) fail(mod.xid, mod.type);
      else bundle?.push(mod);
    } else if (message.type === 'flowMod' || message.type === 'groupMod' || message.type === 'meterMod') {
      const mod = message as Mod;
      if (refuses(mod, 'add') || refuses(mod, 'commit')) fail(xid, mod.type);
      else change(mod, xid);
    }
  }

  const framer = createFramer({
    frame: (bytes) => handle(decodeMessage(bytes.slice())),
    broken(fault) {
      throw new Error(`we sent garbage: ${fault.reason}`);
    },
  });
  theirs.on('data', (chunk: Uint8Array) => framer.push(chunk));
  theirs.on('end', () => theirs.end());

  const refused: string[] = [];
  const failures: string[] = [];
  const untold: string[] = [];
  const closed: string[] = [];
  const connection = createConnection(ours, 'simulated', {
    message(message) {
      if (message.type === 'multipartReply') reconciler.receiveUpdates(message as FlowMonitorReply);
    },
    error(error) {
      if (!reconciler.takeError(error)) failures.push(error.message);
    },
    close: (reason) => closed.push(reason),
  });
  const index = createFlowIndex<DesiredFlow, ActualFlow>();
  const reconciler = createReconciler(
    MAIN,
    connection,
    onIndex(stubbornness.weaver ?? weaverAtOnce(weave), index),
    index,
    {
      synchronised: () => undefined,
      refused: (text) => refused.push(text),
      untold: (text) => untold.push(text),
      failed: (error) => failures.push(error.message),
    },
    undefined,
    undefined,
    stubbornness.options,
  );
  return {
    ...{ reconciler, table, groups, meters, done, asked, refused, failures, untold, closed },
    foreign: (mod) => change(mod, undefined),
    pause() {
      if (!monitored) return;
      paused = new Set();
      tell({ type: 'paused' });
    },
    resume() {
      if (paused === undefined) return;
      const waiting = [...paused].filter((flow) => [...table.flows.values()].includes(flow));
      paused = undefined;
      for (const flow of waiting) tell(told({ event: 'modified', flow }));
      tell({ type: 'resumed' });
    },
    end() {
      reconciler.stop();
      connection.close('the test ends');
    },
  };
}

function weaverAtOnce(weave: () => Woven): Pick<Weaver, 'weaving' | 'woven'> {
  return {
    *weaving() {
      yield;
      return weave();
    },
    woven: { flows: new Map(), groups: new Map(), meters: new Map(), zones: new Map() },
  };
}
