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
): MessageKind {
  return messageKind(
    fc.tuple(value, fc.constantFrom([], ['more'])),
    ([body, flags]) => ({
      type: direction === 'request' ? 'multipartRequest' : 'multipartReply',
      flags,
      kind,
      [direction]: body,
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
