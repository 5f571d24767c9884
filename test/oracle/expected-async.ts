// Which messages a controller wants, by the reasons of each, as Open vSwitch prints it.
import fc from 'fast-check';
import { FLOW_REMOVED_REASONS, type MessageKind, messageKind, PACKET_IN_REASONS, words } from './expected.ts';

export const ROLE_REASONS = {
  masterRequest: 'primary_request',
  config: 'configuration_changed',
  experimenter: 'experimenter_data_changed',
} as const;

/** The kinds of messages that one may want, and the words for their reasons. */
const ASYNC = {
  packetIn: ['PACKET_IN', PACKET_IN_REASONS],
  portStatus: ['PORT_STATUS', { add: 'add', delete: 'delete', modify: 'modify' }],
  flowRemoved: ['FLOW_REMOVED', FLOW_REMOVED_REASONS],
  roleStatus: ['ROLE_STATUS', ROLE_REASONS],
  tableStatus: ['TABLE_STATUS', { vacancyDown: 'vacancy_down', vacancyUp: 'vacancy_up' }],
  requestForward: ['REQUESTFORWARD', { groupMod: 'group_mod_request', meterMod: 'meter_mod_request' }],
} as const satisfies Record<string, readonly [string, Readonly<Record<string, string>>]>;
const ASYNC_KINDS = Object.entries(ASYNC) as [string, readonly [string, Readonly<Record<string, string>>]][];

const wanted = fc.tuple(...ASYNC_KINDS.map(([, [, names]]) => fc.subarray(Object.keys(names))));

function wantedText(side: string, lists: readonly (readonly string[])[]): string {
  const shown = ASYNC_KINDS.map(([, [name, names]], i) => `${name}: ${words(lists[i] ?? [], names, '(off)')}`);
  return `${side}: ${shown.join(' ')}`;
}

const asyncMessage = (type: string) =>
  messageKind(
    fc.tuple(wanted, wanted),
    ([master, slave]) => ({
      type,
      properties: ASYNC_KINDS.flatMap(([name], i) => [
        { type: `${name}Slave`, mask: slave[i] },
        { type: `${name}Master`, mask: master[i] },
      ]),
    }),
    ([master, slave]) => `${wantedText('primary', master)} ${wantedText('secondary', slave)}`,
  );

/** Nicira's has three kinds of messages, which are the first ones of these. */
const niciraSetAsyncConfig = messageKind(
  fc.tuple(wanted, wanted),
  ([master, slave]) => ({
    type: 'niciraSetAsyncConfig',
    ...Object.fromEntries(
      ASYNC_KINDS.slice(0, 3).flatMap(([name], i) => [
        [`${name}Master`, master[i]],
        [`${name}Slave`, slave[i]],
      ]),
    ),
  }),
  ([master, slave]) => `${wantedText('primary', master.slice(0, 3))} ${wantedText('secondary', slave.slice(0, 3))}`,
);

export const ASYNC_MESSAGE_KINDS: Readonly<Record<string, MessageKind>> = {
  getAsyncReply: asyncMessage('getAsyncReply'),
  setAsync: asyncMessage('setAsync'),
  niciraSetAsyncConfig,
};
