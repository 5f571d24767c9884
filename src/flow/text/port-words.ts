/** Ports in ovs-ofctl's text: numbers, the reserved ones by name, and names that the caller knows. */

import { type PortNumber, RESERVED_PORTS } from '../../../proto/openflow/reserved-numbers.ts';
import { nearest } from '../../text/suggest.ts';
import { fault, shortened } from './fault.ts';
import { integerOf } from './numbers.ts';
import { type Slice, textOf } from './slice.ts';

type PortName = keyof typeof RESERVED_PORTS;

/** Names of ports and tables that the text may have; undefined: no such name. */
export interface KnownNames {
  port?(name: string): number | undefined;
  table?(name: string): number | undefined;
}

/** OFPP_UNSET of OpenFlow 1.5: actset_output has it where the action set has no output. */
export const UNSET = 0xfffffff7;

const RESERVED = Object.keys(RESERVED_PORTS) as PortName[];
const WORDS: ReadonlyMap<string, PortName | typeof UNSET> = new Map<string, PortName | typeof UNSET>([
  ...RESERVED.map((name) => [portWord(name), name] as const),
  ['NONE', 'any'],
  ['UNSET', UNSET],
]);

/** The reserved ports of OpenFlow 1.0 and those of today: the same last 16 bits, and nothing between them is a port. */
const FIRST_SHORT = 0xff00;
const FIRST_LONG = 0xffffff00;
const TO_LONG = FIRST_LONG - FIRST_SHORT;

const NAMES = new Map<number, PortName>(
  (Object.entries(RESERVED_PORTS) as [PortName, number][]).map(([name, number]) => [number, name]),
);

function portWord(name: PortName): string {
  return name === 'inPort' ? 'IN_PORT' : name.toUpperCase();
}

export function formatPort(port: PortNumber): string {
  if (port === UNSET) return 'UNSET';
  return typeof port === 'number' ? String(port) : portWord(port);
}

/** undefined where the text is no port. */
export function portOf(text: string, names: KnownNames): PortNumber | undefined {
  if (/^\d{1,10}$/.test(text)) {
    const number = Number(text);
    if (number < FIRST_SHORT) return number;
    const long = number <= 0xffff ? number + TO_LONG : number;
    return long < FIRST_LONG || long > 0xffffffff ? undefined : (NAMES.get(long) ?? long);
  }
  const quoted = /^"(.*)"$/.exec(text)?.[1];
  return (quoted === undefined ? WORDS.get(text.toUpperCase()) : undefined) ?? names.port?.(quoted ?? text);
}

/** In 16 bits, as Nicira's actions have ports. */
export function shortPort(port: PortNumber): PortNumber {
  return typeof port === 'number' && port >= FIRST_LONG ? port - TO_LONG : port;
}

export function parsePort(slice: Slice, names: KnownNames): PortNumber {
  const text = textOf(slice);
  const port = portOf(text, names);
  if (port !== undefined) return port;
  if (text === '') throw fault(slice, 'a port is missing');
  const word = text.replaceAll('"', '');
  const near = nearest(word, WORDS.keys());
  const all = `: 0 to ${FIRST_SHORT - 1} are, and ${RESERVED.map(portWord).join(', ')}`;
  throw fault(slice, `"${shortened(word)}" is no port${near === undefined ? all : `; did you mean ${near}?`}`);
}

/** Tables have numbers from 0 to 254. */
export function parseTable(slice: Slice, names: KnownNames): number {
  const text = textOf(slice);
  const number = integerOf(text) ?? names.table?.(/^"(.*)"$/.exec(text)?.[1] ?? text);
  if (number !== undefined && number <= 254) return Number(number);
  throw fault(slice, text === '' ? 'a table is missing' : `"${shortened(text)}" is no table: 0 to 254 are`);
}
