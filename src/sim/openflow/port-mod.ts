/** OFPT_PORT_MOD (OpenFlow 1.4, 7.3.4.3) and what is told of a port (7.2.1, 7.4.3). */

import type { Port } from '../../../proto/openflow/port.ts';
import { RESERVED_PORTS } from '../../../proto/openflow/reserved-numbers.ts';
import { macAt, u16, u32 } from '../../packet/bytes.ts';
import type { Refusal, SwitchPort } from '../switch-state.ts';
import { BAD_ACTION, BAD_PROPERTY } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import { isNoPort } from './flow-mod.ts';
import type { Link } from './link.ts';

export interface PreparedPortMod {
  portNo: number;
  hwAddr: string;
  config: number;
  mask: number;
}

const BITS = { portDown: 1, noRecv: 4, noFwd: 32, noPacketIn: 64 } as const;
const FIRST_PROPERTY = 32;
const ETHERNET = 0;
const EXPERIMENTER = 0xffff;

export function preparePortMod(bytes: Uint8Array): PreparedPortMod | Refusal {
  const portNo = u32(bytes, 8);
  if (isNoPort(portNo)) return BAD_ACTION.badOutPort;
  for (let at = FIRST_PROPERTY; at < bytes.length; ) {
    if (bytes.length - at < 4) return BAD_PROPERTY.badLen;
    const type = u16(bytes, at);
    const length = u16(bytes, at + 2);
    const end = at + ((length + 7) & ~7);
    if (length < 4 || end > bytes.length) return BAD_PROPERTY.badLen;
    if (type === EXPERIMENTER) return length < 12 ? BAD_PROPERTY.badLen : BAD_PROPERTY.badExpType;
    if (type !== ETHERNET) return BAD_PROPERTY.badType;
    if (length !== 8) return BAD_PROPERTY.badLen;
    at = end;
  }
  return { portNo, hwAddr: macAt(bytes, 16), config: u32(bytes, 24), mask: u32(bytes, 28) };
}

/** At once: port-mods can't be taken back, so Open vSwitch has none in atomic bundles. */
export function applyPortMod(core: SwitchCore, mod: PreparedPortMod, by: Link): Refusal | undefined {
  const port = core.ports.get(mod.portNo);
  if (port === undefined) return { errorType: 'portModFailed', code: 'badPort' };
  if (port.hwAddr !== mod.hwAddr) return { errorType: 'portModFailed', code: 'badHwAddr' };
  const names = Object.keys(BITS) as (keyof typeof BITS)[];
  const config = names.filter((name) =>
    (mod.mask & BITS[name]) !== 0 ? (mod.config & BITS[name]) !== 0 : port.config.includes(name),
  );
  if (config.join() === port.config.join()) return undefined;
  port.config = config;
  core.portChanged('modify', port, by);
  return undefined;
}

const NO_FEATURES = { current: [], advertised: [], supported: [], peer: [], currentSpeed: 0, maxSpeed: 0 } as const;

export function portDescription({ portNo, hwAddr, name, config, live }: SwitchPort): Port {
  const isLive = live && !config.includes('portDown');
  return {
    portNo: namedPort(portNo),
    hwAddr,
    name,
    config,
    state: isLive ? ['live'] : live ? [] : ['linkDown'],
    properties: [{ type: 'ethernet', ...NO_FEATURES }],
  };
}

export function namedPort(portNo: number): Port['portNo'] {
  return portNo === RESERVED_PORTS.local ? 'local' : portNo;
}
