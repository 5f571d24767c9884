// One kind of action that Open vSwitch accepts: arbitrary values of it, and what it must print of each.
import fc from 'fast-check';
import type { Action } from '../../proto/openflow/action.ts';
import type { Match } from '../../proto/openflow/match.ts';

export interface SoundAction {
  action: Action;
  text: string;
}

/** What a flow must match for an action to make sense. */
export const SETTINGS = {
  any: {},
  tcp: { ethType: 0x0800, ipProto: 6 },
  tcp6: { ethType: 0x86dd, ipProto: 6 },
  arp: { ethType: 0x0806 },
  udp: { ethType: 0x0800, ipProto: 17 },
  icmp: { ethType: 0x0800, ipProto: 1 },
  solicitation: { ethType: 0x86dd, ipProto: 58, icmpv6Type: 135, icmpv6Code: 0 },
  mpls: { ethType: 0x8847 },
  nsh: { ethType: 0x894f },
  vlan: { vlanVid: 0x1064 },
  tracked: { ctState: { value: 0x22, mask: 0x22 }, ethType: 0x0800 },
} as const satisfies Record<string, Match>;
export type Setting = keyof typeof SETTINGS;

export interface ActionKind {
  settings: readonly Setting[];
  arbitrary: fc.Arbitrary<SoundAction>;
  /** Changes what the packet is, or stands with nothing else. */
  alone?: true;
}

export const ANY: readonly Setting[] = Object.keys(SETTINGS) as Setting[];
export const IP: readonly Setting[] = ['tcp', 'tcp6', 'udp', 'icmp', 'solicitation'];

export function kind<T>(
  settings: readonly Setting[],
  value: fc.Arbitrary<T>,
  action: (value: T) => object,
  text: (value: T) => string,
  alone?: true,
): ActionKind {
  const arbitrary = value.map((each) => ({ action: action(each) as Action, text: text(each) }));
  return alone === undefined ? { settings, arbitrary } : { settings, arbitrary, alone };
}

/** An action whose type and text are all that there is. */
export function bare(settings: readonly Setting[], type: string, text: string, alone?: true): ActionKind {
  return kind(
    settings,
    fc.constant(type),
    () => ({ type }),
    () => text,
    alone,
  );
}

/** Left out where they are as usual. */
export const option = (name: string, value: number, usual: number) => (value === usual ? [] : [`${name}=${value}`]);

/** A port that is one: the reserved ones begin above. */
export const ovsPort = fc.integer({ min: 1, max: 0xfeff });

/** Bytes as ovs-ofctl has them. */
export const dotted = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('.');
