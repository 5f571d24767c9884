/** Protocols over IP as people call them (IANA's registry). */

import { IP_PROTOCOL } from '../../src/index.ts';

export const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries({ ...IP_PROTOCOL, esp: 50, ah: 51, ospf: 89, vrrp: 112 }).map(([name, number]) => [number, name]),
);
