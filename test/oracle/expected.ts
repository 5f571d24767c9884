// What Open vSwitch must print of a message that we made: the pieces of text that many kinds of message share.
import fc from 'fast-check';
import type { Message, MessageBody } from '../../proto/openflow/message.ts';
import { type Facts, readMatch } from './printed-match.ts';
import { plain } from './printed-text.ts';

export interface Expectation {
  message: Message;
  /** What stands behind the message's name and xid. */
  text: string;
}

/** A kind of message: values that Open vSwitch accepts, with its text of each. */
export interface MessageKind {
  expectation: fc.Arbitrary<Expectation>;
  /** Brings the two texts to one form, where blanks and numbers are not all that may differ. */
  read(text: string): string;
  /** Open vSwitch prints such a match as NXM where it prints all it can: it is asked for less. */
  brief?: true;
}

export const xid = fc.integer({ min: 0, max: 0xffff_ffff });

/** `T` is what the text is made of. */
export function messageKind<T>(
  value: fc.Arbitrary<T>,
  body: (value: T) => object,
  text: (value: T) => string,
  read: (text: string) => string = plain,
): MessageKind {
  const expectation = fc.tuple(value, xid).map(([each, number]) => ({
    message: { ...(body(each) as MessageBody), xid: number } as Message,
    text: text(each),
  }));
  return { expectation, read };
}

/** Left out where it is as usual. */
export const optional = (text: string, wanted: boolean) => (wanted ? [text] : []);

/** A message that says all that there is to say by its name. */
export const nameOnly = (type: string) =>
  messageKind(
    fc.constant(type),
    () => ({ type }),
    () => '',
  );

/** A multipart: how it starts, and the rest by its kind. */
export function partKind<T>(
  direction: 'request' | 'reply',
  kind: string,
  value: fc.Arbitrary<T>,
  text: (value: T) => string,
  read?: (text: string) => string,
  /** What stands in the message, where the value is not that itself. */
  inside: (value: T) => unknown = (value) => value,
): MessageKind {
  return messageKind(
    fc.tuple(value, fc.constantFrom([], ['more'])),
    ([body, flags]) => ({
      type: direction === 'request' ? 'multipartRequest' : 'multipartReply',
      flags,
      kind,
      [direction]: inside(body),
    }),
    ([body, flags]) => `${flags.length === 0 ? '' : 'flags=[more] '}${text(body)}`,
    read,
  );
}

const PORTS: Readonly<Record<string, string>> = { inPort: 'IN_PORT' };

/** A port, group or table by number or name. */
export function named(value: string | number): string {
  return typeof value === 'number' ? String(value) : (PORTS[value] ?? value.toUpperCase());
}

/** Ports that Open vSwitch has: in 16 bits. */
export const port = fc.oneof(
  fc.integer({ min: 0, max: 0xfeff }),
  fc.constantFrom('inPort', 'table', 'normal', 'flood', 'all', 'controller', 'local', 'any'),
);

export function seconds({ durationSec, durationNsec }: { durationSec: number; durationNsec: number }): string {
  const fraction = String(durationNsec).padStart(9, '0').replace(/0+$/, '');
  return `${durationSec}${durationNsec === 0 ? '' : `.${fraction}`}s`;
}

/** All ones: not known. */
export function count(value: bigint | undefined): string {
  return value === undefined || value === 0xffff_ffff_ffff_ffffn ? '?' : String(value);
}

/** Flags by the words that Open vSwitch has for them, in the order of ours; what is in no list, it says nothing of. */
export function words(
  flags: readonly (string | number)[],
  names: Readonly<Record<string, string>>,
  none = '0',
): string {
  const said = flags.flatMap((flag) => (typeof flag === 'string' && flag in names ? [names[flag]!] : []));
  return said.length === 0 ? none : said.join(' ');
}

export function factsText(facts: Facts): string {
  return `{${[...facts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}}`;
}

/** A match as it was printed, in the form of factsText. */
export const matchText = (printed: string) => factsText(readMatch(printed));

/** Words that start so, then a match; ours has the match in braces. */
export function readMatchAfter(text: string, known: RegExp): string {
  if (text.includes('{')) return plain(text);
  const tokens = text.trim().split(/\s+/);
  const match = tokens.filter((token) => !known.test(token));
  return plain([...tokens.filter((token) => known.test(token)), matchText(match.join(','))].join(' '));
}

/** Open vSwitch's words for why a flow was removed. */
export const FLOW_REMOVED_REASONS = {
  idleTimeout: 'idle',
  hardTimeout: 'hard',
  delete: 'delete',
  groupDelete: 'group_delete',
  meterDelete: 'meter_delete',
  eviction: 'eviction',
} as const;
export type FlowRemovedReason = keyof typeof FLOW_REMOVED_REASONS;
export const flowRemovedReason = fc.constantFrom(...(Object.keys(FLOW_REMOVED_REASONS) as FlowRemovedReason[]));

/** And for why a packet comes. */
export const PACKET_IN_REASONS = {
  tableMiss: 'no_match',
  applyAction: 'action',
  invalidTtl: 'invalid_ttl',
  actionSet: 'action_set',
  group: 'group',
  packetOut: 'packet_out',
} as const;

/** Types of actions as features name them, in the order in which they are printed; it knows no other. */
export const ACTION_WORDS = {
  output: 'output',
  group: 'group',
  setField: 'set_field',
  popVlan: 'strip_vlan',
  pushVlan: 'push_vlan',
  setNwTtl: 'mod_nw_ttl',
  decNwTtl: 'dec_ttl',
  setMplsTtl: 'set_mpls_ttl',
  decMplsTtl: 'dec_mpls_ttl',
  pushMpls: 'push_mpls',
  popMpls: 'pop_mpls',
  setQueue: 'set_queue',
} as const;
