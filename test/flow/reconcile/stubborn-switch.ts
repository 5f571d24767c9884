/**
 * The simulated switch as one that refuses what it is told to refuse, and during whose answers others change its flows:
 * before each message and each part of an answer, and between a commit and its reply. With our end of a reconciler on it.
 */

import { duplexPair } from 'node:stream';
import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { GroupMod } from '../../../proto/openflow/group-mod.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../proto/openflow/message.ts';
import type { MeterMod } from '../../../proto/openflow/meter-mod.ts';
import { createFlowIndex } from '../../../src/flow/flow-index.ts';
import { MAIN } from '../../../src/flow/namespace.ts';
import type { ActualFlow } from '../../../src/flow/reconcile/diff.ts';
import { createReconciler, type Reconciler, type ReconcilerOptions } from '../../../src/flow/reconcile/reconciler.ts';
import type { DesiredFlow, Weaver, Woven } from '../../../src/flow/weave/weaver.ts';
import { createConnection } from '../../../src/openflow/connection.ts';
import type { FlowMonitorReply } from '../../../src/openflow/datapath.ts';
import { createFramer } from '../../../src/openflow/framer.ts';
import { encodeRefusal } from '../../../src/sim/openflow/refusal-message.ts';
import { createSimulatedSwitch } from '../../../src/sim/simulated-switch.ts';
import type { Refusal } from '../../../src/sim/switch-state.ts';
import type { FlowEntry } from '../../../src/sim/table/flow-entry.ts';
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
  table: {
    /** As they stand now. */
    readonly flows: ReadonlyMap<FlowEntry, FlowEntry>;
    /** Another controller's, too. */
    apply(mod: FlowMod): void;
  };
  /** `delete`: another controller does it. */
  groups: { readonly size: number; has(groupId: number): boolean; delete(groupId: number): void };
  meters: ReadonlyMap<number, unknown>;
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
const HELLO: Message = { type: 'hello', elements: [{ type: 'versionBitmap', versions: [5] }], xid: 1 };
const MULTIPART_REPLY = 19;
const FLOW_MONITOR = 16;
const BUNDLE_CONTROL = 33;
const COMMIT_REPLY = 5;
/** Bytes that wait, so that the switch tells nothing more of changes. */
const MANY = 1 << 30;

export function createStubbornSwitch(weave: () => Woven, stubbornness: Stubbornness = {}): StubbornSwitch {
  const { refuses = () => false, between = () => undefined } = stubbornness;
  const [ours, theirs] = duplexPair();
  const done: Mod[] = [];
  const asked = new Map<string, number>();
  /** Of the bundle that is being committed. */
  let committing: Mod[] = [];
  let backlog = 0;

  const send = (bytes: Uint8Array) => void theirs.write(Uint8Array.from(bytes));
  const fail = (refusal: Refusal, request: Uint8Array) => send(encodeRefusal(refusal, request));

  const device = createSimulatedSwitch({
    dpid: 1n,
    name: 'sim',
    ports: [],
    clock: { now: () => performance.now() },
    transmit: () => undefined,
  });
  const connection = device.connect({
    write,
    backlog: () => backlog,
    hooks: { refuse },
  });
  const others = device.connect({ write: () => undefined });
  others.receive(encodeMessage(HELLO));
  connection.receive(encodeMessage(HELLO));

  function write(bytes: Uint8Array): void {
    const isPart = bytes[1] === MULTIPART_REPLY && bytes[9] !== FLOW_MONITOR;
    const isCommit = bytes[1] === BUNDLE_CONTROL && bytes[13] === COMMIT_REPLY;
    if (isCommit) {
      done.push(...committing);
      committing = [];
    }
    if (isPart || isCommit) between();
    send(bytes);
  }

  function refusalOf(mod: Mod, ...moments: ('add' | 'commit')[]): Refusal | undefined {
    for (const moment of moments) {
      const why = refuses(mod, moment);
      if (why !== false) return { errorType: 'badAction', code: why === true ? NAMES[mod.type] : why };
    }
    return undefined;
  }

  function refuse(bytes: Uint8Array, when: 'alone' | 'add' | 'commit'): Refusal | undefined {
    const message = decodeMessage(bytes);
    const mod = (message.type === 'bundleAdd' ? message.message : message) as Mod;
    const refusal = when === 'alone' ? refusalOf(mod, 'add', 'commit') : refusalOf(mod, when);
    if (refusal !== undefined) committing = [];
    else if (when === 'alone') done.push(mod);
    else if (when === 'commit') committing.push(mod);
    return refusal;
  }

  function handle(bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    const name = message.type === 'bundleControl' ? `bundle ${message.control}` : message.type;
    asked.set(name, (asked.get(name) ?? 0) + 1);
    between();
    const isMonitor = message.type === 'multipartRequest' && message.kind === 'flowMonitor';
    if (stubbornness.monitor === 'refused' && isMonitor) {
      const older = {
        type: 'error',
        errorType: 'badRequest',
        code: 'badType',
        data: new Uint8Array(8),
        xid: 0,
        version: 1,
      };
      send(encodeMessage(older as unknown as Message));
    } else if (stubbornness.monitor === 'refused' && message.type === 'setAsync') {
      fail({ errorType: 'badAction', code: NAMES.groupMod }, bytes);
    } else if (stubbornness.bundles === 'unknown' && message.type === 'bundleControl') {
      fail({ errorType: 'badRequest', code: 'badType' }, bytes);
    } else if (!isStalled(message)) carryOut(message, bytes);
    if (message.type === 'multipartRequest') between();
  }

  function isStalled(message: Message): boolean {
    if (stubbornness.stalls === 'barriers') return message.type === 'barrierRequest';
    return stubbornness.stalls === 'flows' && message.type === 'multipartRequest' && message.kind === 'flow';
  }

  function carryOut(message: Message, bytes: Uint8Array): void {
    const refusal = message.type === 'meterMod' ? refusalOf(message as MeterMod, 'add', 'commit') : undefined;
    if (refusal !== undefined) {
      fail(refusal, bytes);
      return;
    }
    if (message.type === 'meterMod') done.push(message as MeterMod);
    connection.receive(bytes);
  }

  const framer = createFramer({
    frame: (bytes) => handle(bytes.slice()),
    broken(fault) {
      throw new Error(`we sent garbage: ${fault.reason}`);
    },
  });
  theirs.on('data', (chunk: Uint8Array) => framer.push(chunk));
  theirs.on('end', () => theirs.end());

  /** Another controller's. */
  function apply(mod: FlowMod | GroupMod): void {
    others.receive(encodeMessage({ ...mod, xid: 1 } as Message));
  }

  const refused: string[] = [];
  const failures: string[] = [];
  const untold: string[] = [];
  const closed: string[] = [];
  const ourEnd = createConnection(ours, 'simulated', {
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
    ourEnd,
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
    ...{ reconciler, meters: device.meters, done, asked, refused, failures, untold, closed },
    table: {
      get flows() {
        return new Map(Array.from(device.flows(), (flow) => [flow, flow]));
      },
      apply,
    },
    groups: {
      get size() {
        return device.groups.size;
      },
      has: (groupId) => device.groups.has(groupId),
      delete: (groupId) => apply({ type: 'groupMod', command: 'delete', groupType: 'all', groupId, buckets: [] }),
    },
    foreign(mod) {
      done.push(mod);
      apply(mod);
    },
    pause() {
      backlog = MANY;
    },
    resume() {
      backlog = 0;
      connection.drained();
    },
    end() {
      reconciler.stop();
      ourEnd.close('the test ends');
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
