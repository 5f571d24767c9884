/** What a test says of a packet, compared with the packet: the first field that is another, in words. */

import { dissect, type Packet } from '../packet/dissect.ts';

type Expected<T> = T extends Uint8Array
  ? string | Uint8Array
  : T extends readonly (infer Each)[]
    ? readonly Expected<Each>[]
    : T extends object
      ? { readonly [K in keyof T]?: Expected<T[K]> | undefined }
      : T;

/**
 * Only what is given is compared; undefined: the packet has none. A guest's name stands for its address, or its MAC address
 * under `eth`. `payload` may be text.
 */
export type PacketFields = {
  readonly [K in Exclude<keyof Packet, 'frame'>]?: Expected<NonNullable<Packet[K]>> | undefined;
} & {
  /** Id of the outermost VLAN tag; undefined: it is untagged. */
  readonly vlan?: number | undefined;
};

/** What a guest's name stands for in the layer; undefined: it is no name. */
export type NamedIn = (name: string, layer: string) => string | undefined;

/** undefined: it is as expected. */
export function difference(expected: PacketFields, frame: Uint8Array, named: NamedIn): string | undefined {
  const packet = dissect(frame);
  for (const [layer, wanted] of Object.entries(expected)) {
    const actual = layer === 'vlan' ? packet.vlans[0]?.vid : (packet as unknown as Record<string, unknown>)[layer];
    const found = compare(wanted, actual, layer, (name) => named(name, layer));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `{ ipv4: { dst: 10.0.0.2 } }` as `ipv4.dst 10.0.0.2`. */
export function fieldsText(expected: PacketFields): string {
  return leaves(expected, '')
    .map(([path, value]) => (value === undefined ? `no ${path}` : `${path} ${valueText(value)}`))
    .join(', ');
}

function leaves(value: unknown, path: string): [path: string, value: unknown][] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [[path, value]];
  if (Array.isArray(value) && value.length === 0) return [[path, undefined]];
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return [[path, value.join(' ')]];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, path === '' ? key : `${path}.${key}`));
}

function compare(
  wanted: unknown,
  actual: unknown,
  path: string,
  named: (name: string) => string | undefined,
): string | undefined {
  if (wanted === undefined)
    return actual === undefined ? undefined : `${path} is ${valueText(actual)}, and there should be none`;
  if (actual === undefined) return `it has no ${path}`;
  if (actual instanceof Uint8Array) {
    const bytes = typeof wanted === 'string' ? new TextEncoder().encode(wanted) : wanted;
    return Buffer.from(actual).equals(bytes as Uint8Array) ? undefined : isNot(path, actual, wanted);
  }
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual) || wanted.length !== actual.length) return isNot(path, actual, wanted);
    return first(wanted.map((each, index) => compare(each, actual[index], `${path}.${index}`, named)));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    const fields = actual as Record<string, unknown>;
    return first(Object.entries(wanted).map(([key, each]) => compare(each, fields[key], `${path}.${key}`, named)));
  }
  const meant = typeof wanted === 'string' ? (named(wanted) ?? wanted) : wanted;
  return meant === actual ? undefined : isNot(path, actual, meant === wanted ? wanted : `${meant} (${wanted})`);
}

function first(found: (string | undefined)[]): string | undefined {
  return found.find((each) => each !== undefined);
}

function isNot(path: string, actual: unknown, wanted: unknown): string {
  return `${path} is ${valueText(actual)}, not ${valueText(wanted)}`;
}

function valueText(value: unknown): string {
  if (value instanceof Uint8Array) {
    const isText = value.every((byte) => byte >= 0x20 && byte < 0x7f);
    return isText ? JSON.stringify(Buffer.from(value).toString()) : `0x${Buffer.from(value).toString('hex')}`;
  }
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(' ');
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}
