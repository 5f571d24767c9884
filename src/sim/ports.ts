/** The ports of a simulated switch: what is said of them when they are made, and what they count. */

import { RESERVED_PORTS } from '../../proto/openflow/reserved-numbers.ts';
import { macText } from '../../proto/wire/address.ts';
import type { SwitchPort } from './switch-state.ts';

export interface PortOptions {
  portNo: number;
  name?: string;
  /** Default: made of the switch's and the port's number. */
  hwAddr?: string;
  /** Default: there is a carrier. */
  live?: boolean;
  vlan?: Partial<SwitchPort['vlan']>;
  tunnel?: SwitchPort['tunnel'];
}

const LOCALLY_ADMINISTERED = 0x02;

export function createPort(dpid: bigint, options: PortOptions, now: number): SwitchPort {
  const { portNo, name = `p${portNo}`, hwAddr = addressOf(dpid, portNo), live = true, vlan, tunnel } = options;
  return {
    portNo,
    name,
    hwAddr,
    config: [],
    live,
    vlan: { mode: 'trunk', tag: 0, trunks: [], ...vlan },
    tunnel,
    ...{ rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0, rxDropped: 0, txDropped: 0 },
    since: now,
  };
}

/** The switch's own port; its address is the lower part of the switch's number, as Open vSwitch has it. */
export function createLocalPort(dpid: bigint, name: string, now: number): SwitchPort {
  const bytes = new Uint8Array(6);
  for (let i = 0; i < bytes.length; i++) bytes[5 - i] = Number((dpid >> BigInt(8 * i)) & 0xffn);
  return createPort(dpid, { portNo: RESERVED_PORTS.local, name, hwAddr: macText(bytes) }, now);
}

function addressOf(dpid: bigint, portNo: number): string {
  const bytes = new Uint8Array(6);
  bytes[0] = LOCALLY_ADMINISTERED;
  for (let i = 0; i < 3; i++) bytes[3 - i] = Number((dpid >> BigInt(8 * i)) & 0xffn);
  bytes[4] = portNo >>> 8;
  bytes[5] = portNo;
  return macText(bytes);
}
