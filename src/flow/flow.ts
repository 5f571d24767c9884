/**
 * Flows as apps declare them and flows as they stand in a switch. An app names fields, stages and its own tables; ids,
 * registers and cookies are the weaver's.
 */

import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { Match } from '../../proto/openflow/match.ts';
import type { FieldMatch, FieldName, FieldValue, Masked } from '../../proto/openflow/oxm-fields.ts';
import type { PortNumber } from '../../proto/openflow/reserved-numbers.ts';
import type { CheckedMatch } from './checked-match.ts';
import type { PipelineFieldName } from './pipeline-fields.ts';

/** Why a flow exists, for people; `source` is the line of the file that it serves. */
export interface Intent {
  text: string;
  source?: string;
  /** Of several of one app with the same text, which: from 2 on, so that each has its own counters. */
  ordinal?: number;
  /** Packets of this flow meet another one of the same intent, too: they are counted there. */
  counts?: false;
}

/** A field that an app declares, by its full name: `router.nextHop`. */
export type AppFieldName = `${string}.${string}`;

/** Of a field that an app declares; as a bigint or `0x…` where a number does not hold it. */
export type NamedValue = number | bigint | string;

export type AppMatch = {
  [N in FieldName]?: FieldMatch<N>;
} & { [N in PipelineFieldName]?: number | Masked<number> } & {
  [N in AppFieldName]?: NamedValue | Masked<NamedValue>;
};

/** A field to read or write by its name. */
export type AnyFieldName = FieldName | PipelineFieldName | AppFieldName;

/** A field to read or write: whole, or some of its bits. */
export type FieldRef = AnyFieldName | { field: AnyFieldName; offset: number; bits: number };

/** Where a packet goes on: `next` (whatever follows), a stage, or one of the app's own tables. */
export type TableRef = string;

export type LearnItem =
  /** The new flow matches the field as this packet has it, or `from` another of its fields. */
  | { match: FieldRef; from?: FieldRef }
  /** The new flow matches this value there. */
  | { match: FieldRef; value: number }
  /** The new flow loads into `to` what this packet has in `from`, or a value. */
  | { load: FieldRef; from: FieldRef | number };

export type AppAction =
  /** `meter`: of the app's own, for what goes to the controller. */
  | { type: 'output'; port: PortNumber; maxLen?: number; meter?: string }
  | { type: 'set'; field: AnyFieldName; value: FieldValue }
  | { type: 'load'; to: FieldRef; value: number | bigint }
  | { type: 'move'; from: FieldRef; to: FieldRef }
  | { type: 'pushVlan'; ethertype: number }
  | { type: 'popVlan' }
  | { type: 'decNwTtl' }
  | { type: 'group'; key: string }
  | { type: 'resubmit'; table: TableRef }
  /** Loads 0 to `links` - 1 into `to`, the same for both directions of a connection. */
  | { type: 'multipath'; links: number; basis: number; to: FieldRef }
  /** Sets one bit: 1 where the frame has more bytes. */
  | { type: 'checkPacketLarger'; bytes: number; to: FieldRef }
  | { type: 'clone'; actions: AppAction[] }
  | {
      type: 'ct';
      /** One of `dp.ctZone`, or a field with 16 bits that has its number. */
      zone: number | FieldRef;
      commit?: boolean;
      table?: TableRef;
      /** `last`: of a range of addresses that begins with `address`. */
      nat?: { side: 'src' | 'dst'; address: string; last?: string; ports?: readonly [number, number] } | 'follow';
      set?: AppAction[];
    }
  | {
      type: 'learn';
      table: TableRef;
      priority: number;
      hardTimeout?: number;
      idleTimeout?: number;
      /** So many flows of this intent in the table at a time; beyond that nothing new is learned. Default: any number. */
      limit?: number;
      /** Why the flows that it makes are there. */
      intent: string | Intent;
      items: LearnItem[];
    }
  /** One clause, from 1, of a match that wants `of` of them; what wants it matches `conjId`. Beside it stands nothing else. */
  | { type: 'conjunction'; id: number; clause: number; of: number }
  /** Begins the list: what exceeds the meter's rate is dropped. */
  | { type: 'meter'; key: string }
  /** Ends the list: the packet goes on at `table`. */
  | { type: 'goto'; table: TableRef };

export interface FlowParts {
  /** 0 to 65535; the highest that matches wins. */
  priority: number;
  /** In order; lists inside are taken as if they stood here. An empty list drops. */
  actions: (AppAction | AppAction[])[];
  intent: string | Intent;
  /** Seconds. A flow with a timeout lives in the switch: at its end it is withdrawn. */
  idleTimeout?: number;
  hardTimeout?: number;
}

export interface AppFlow extends FlowParts {
  match: AppMatch;
}

/** A flow as it is written at a call, its match checked by the compiler. */
export interface CheckedFlow<M> extends FlowParts {
  match: CheckedMatch<M>;
}

/** The flow as it is; for lists of flows, that the compiler checks their matches too. */
export function flow<const M extends AppMatch>(checked: CheckedFlow<M>): AppFlow {
  return checked as AppFlow;
}

export interface AppGroup {
  type: 'all' | 'select' | 'indirect';
  buckets: { weight?: number; actions: AppAction[] }[];
}

/** A limit of packets or kilobits per second. */
export interface AppMeter {
  unit: 'packets' | 'kilobits';
  rate: number;
  /** How much may come at once, in packets or kilobits; default what the switch does. */
  burst?: number;
}

/** A flow as it stands, or shall stand, in a switch. */
export interface TableFlow {
  tableId: number;
  priority: number;
  match: Match;
  instructions: readonly Instruction[];
  cookie: bigint;
  idleTimeout: number;
  hardTimeout: number;
  flags: readonly ('sendFlowRem' | 'checkOverlap' | 'resetCounts' | 'noPktCounts' | 'noBytCounts' | number)[];
}
