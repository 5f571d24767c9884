/** Actions by their names: what apps write in a flow's list. Each is plain data of the type AppAction. */

import type { FieldName, FieldValue, FieldValueOf } from '../../proto/openflow/oxm-fields.ts';
import type { PortNumber } from '../../proto/openflow/reserved-numbers.ts';
import { WHOLE_PACKET } from '../../proto/openflow/reserved-numbers.ts';
import type { AnyFieldName, AppAction, AppFieldName, FieldRef, NamedValue, TableRef } from './flow.ts';
import type { PipelineFieldName } from './pipeline-fields.ts';
import type { Slot, TemplateAction } from './timed/template.ts';

/** The packet ends here: no actions, alone or in a list. */
export function drop(): AppAction[] {
  return [];
}

/** On to whatever follows in the pipeline. */
export function next(): AppAction {
  return { type: 'goto', table: 'next' };
}

/** On to a stage, or to one of the app's own tables. */
export function goto(table: TableRef): AppAction {
  return { type: 'goto', table };
}

export function output(port: PortNumber): AppAction;
export function output(port: Slot): TemplateAction;
export function output(port: PortNumber | Slot): TemplateAction {
  return { type: 'output', port } as TemplateAction;
}

/** To the app, as a packet-in. `maxLen`: how many bytes of it; default all. `meter`: no more than that one lets pass. */
export function punt(maxLen: number = WHOLE_PACKET, options: { meter?: string } = {}): AppAction {
  return { type: 'output', port: 'controller', maxLen, ...options };
}

/** The app's meter of that key; stands first in a flow's actions. What exceeds its rate is dropped. */
export function meter(key: string): AppAction {
  return { type: 'meter', key };
}

/** Open vSwitch's own MAC learning and forwarding. */
export function normal(): AppAction {
  return { type: 'output', port: 'normal' };
}

type Values = { [N in FieldName]?: FieldValueOf<N> } & { [N in PipelineFieldName]?: number } & {
  [N in AppFieldName]?: NamedValue;
};

/** New values of fields, in the order given. */
export function set(values: Values): AppAction[] {
  return Object.entries(values).map(([field, value]) => ({
    type: 'set',
    field: field as AnyFieldName,
    value: value as FieldValue,
  }));
}

export function load(to: FieldRef, value: number | bigint): AppAction {
  return { type: 'load', to, value };
}

export function move(from: FieldRef, to: FieldRef): AppAction {
  return { type: 'move', from, to };
}

export function pushVlan(ethertype = 0x8100): AppAction {
  return { type: 'pushVlan', ethertype };
}

export function popVlan(): AppAction {
  return { type: 'popVlan' };
}

export function decNwTtl(): AppAction {
  return { type: 'decNwTtl' };
}

/** The app's group of that key. */
export function group(key: string): AppAction {
  return { type: 'group', key };
}

/** Looks the packet up there and comes back. */
export function resubmit(table: TableRef): AppAction {
  return { type: 'resubmit', table };
}

/**
 * Shares connections out between so many links: loads a number below `links` into the field, by a hash of addresses and ports of
 * TCP, UDP and SCTP that is the same both ways. Where the number of links changes, only the share of those that come or go
 * moves (hrw, RFC 2992). `basis` tells switches apart that stand in a row.
 */
export function multipath(to: FieldRef, links: number, basis: number): AppAction {
  return { type: 'multipath', links, basis, to };
}

/** Into the bit `to`: whether the frame, its Ethernet header included, has more bytes. */
export function checkPacketLarger(bytes: number, to: FieldRef): AppAction {
  return { type: 'checkPacketLarger', bytes, to };
}

/** Does the actions on a copy. */
export function clone(...actions: (AppAction | AppAction[])[]): AppAction {
  return { type: 'clone', actions: actions.flat() };
}

/** Through conntrack. With `table` a tracked copy goes on there, and nothing follows here. */
export function ct(options: Omit<Extract<AppAction, { type: 'ct' }>, 'type'>): AppAction {
  return { type: 'ct', ...options };
}

export function learn(options: Omit<Extract<AppAction, { type: 'learn' }>, 'type'>): AppAction {
  return { type: 'learn', ...options };
}

/** This flow is one way to fulfil a clause of a match; at the same priority a flow for `conjId` says what is done. */
export function conjunction(options: Omit<Extract<AppAction, { type: 'conjunction' }>, 'type'>): AppAction {
  return { type: 'conjunction', ...options };
}

/** Flattens lists of actions and single ones into one list. */
export function actions(...items: (AppAction | AppAction[])[]): AppAction[] {
  return items.flat();
}
