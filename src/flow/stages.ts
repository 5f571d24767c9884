/**
 * The stages of the pipeline and the table ids they may use. The order follows netfilter's (raw, DNAT, routing,
 * filter, SNAT); docs/concepts/pipeline.md says why each stands where it does. A stage's tables are handed out from its
 * first id on, two apart, then between those, so that enabling an app never renumbers another's. Beside the built-in apps
 * each has room for five tables of others. Open vSwitch has tables 0 to 253, and 254 for itself.
 */

export const STAGES = {
  /** Port → where a packet came from. */
  classify: [0, 11],
  /** Tag or tunnel id → segment and zone. */
  'vlan-in': [12, 23],
  /** Anti-spoofing; what must never come in. */
  admit: [24, 35],
  /** MACs and neighbours, learned by the switch itself. */
  learn: [36, 55],
  /** Answers that the switch gives itself: ARP. */
  respond: [56, 67],
  /** Routed or bridged. */
  fork: [68, 79],
  unsnat: [80, 91],
  conntrack: [92, 103],
  dnat: [104, 115],
  /** Keeps ct_state before the next ct overwrites it. */
  save: [116, 127],
  route: [128, 139],
  firewall: [140, 151],
  snat: [152, 163],
  'next-hop': [164, 183],
  switching: [184, 203],
  flood: [204, 215],
  /** Each copy by itself, with the port that it leaves by. */
  'bridged-firewall': [216, 227],
  /** The only place that knows tags and tunnels. */
  output: [228, 239],
  /** What nobody wanted. */
  miss: [240, 253],
} as const satisfies Record<string, readonly [first: number, last: number]>;

export type Stage = keyof typeof STAGES;

export function isStage(name: string): name is Stage {
  return Object.hasOwn(STAGES, name);
}
