/** Stations as switches have learned them, and who keeps a bridge's MAC table. */

import { integer, type JsonSchemas, list, object, oneOf, orNull, text } from './schema.ts';

/** An end system, as one switch has learned it. Switches with a segment in common each know its stations. */
export interface StationStatus {
  mac: string;
  /** IPv4 and IPv6, the newest first, as it has sent ARP and neighbour discovery by them. */
  addresses: string[];
  /** By name; its number where the file has no such segment any more; null: without a file there are none. */
  segment: string | null;
  dpid: string;
  switch: string;
  /** The port that leads there, by name. */
  port: string;
  /** Underlay address of the host behind which it is; null: not behind a tunnel. */
  peer: string | null;
  peerHost: string | null;
  /** Seconds since the switch learned it first; null: not a switch has learned it, but an app. */
  known: number | null;
  /** Seconds since it was last heard, to within a reading of the switch; null: not since Flowloom began to look. */
  age: number | null;
  /** Seconds until it is forgotten if it stays silent; null: not known. */
  expires: number | null;
}

/** Who keeps the MAC table of a bridge of the file. */
export interface MacTableStatus {
  /** `hv1/br0` */
  switch: string;
  keptBy: 'flows' | 'open-vswitch';
  /** Seconds after which a silent station is forgotten. */
  aging: number;
  /** null: Open vSwitch tells its own table only on the host, by `command`. */
  stations: number | null;
  command: string | null;
}

export const stationSchemas: JsonSchemas = {
  StationStatus: object<StationStatus>({
    mac: text,
    addresses: list({ type: 'string', description: 'IPv4 and IPv6, the newest first' }),
    segment: { ...orNull(text), description: 'null: there is no file that has segments' },
    dpid: text,
    switch: text,
    port: text,
    peer: { ...orNull(text), description: 'Underlay address of the host behind which it is' },
    peerHost: orNull(text),
    known: { ...orNull(integer), description: 'Seconds since the switch learned it first; null: an app knows it' },
    age: { ...orNull(integer), description: 'Seconds since it was last heard; null: not since Flowloom began to look' },
    expires: { ...orNull(integer), description: 'Seconds until it is forgotten if it stays silent' },
  }),
  MacTableStatus: object<MacTableStatus>({
    switch: text,
    keptBy: oneOf('flows', 'open-vswitch'),
    aging: { type: 'integer', description: 'Seconds after which a silent station is forgotten' },
    stations: orNull(integer),
    command: { ...orNull(text), description: 'Shows on the host the MAC table that Open vSwitch keeps itself' },
  }),
};
