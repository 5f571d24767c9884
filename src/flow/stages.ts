/**
 * The stages of the pipeline and the table ids they may use. The order follows netfilter's (raw, DNAT, routing,
 * filter, SNAT); docs/concepts/pipeline.md says why each stands where it does. A stage's tables are handed out from its
 * first id on, two apart, then between those, so that enabling an app never renumbers another's.
 */

export const STAGES = {
  /** Port → where a packet came from. */
  classify: [0, 9],
  /** Tag or tunnel id → segment and zone. */
  'vlan-in': [10, 15],
  /** Anti-spoofing; what must never come in. */
  admit: [16, 21],
  /** MACs and neighbours, learned by the switch itself. */
  learn: [22, 29],
  /** Answers that the switch gives itself: ARP. */
  respond: [30, 39],
  /** Routed or bridged. */
  fork: [40, 49],
  unsnat: [50, 59],
  conntrack: [60, 69],
  dnat: [70, 74],
  /** Keeps ct_state before the next ct overwrites it. */
  save: [75, 79],
  route: [80, 89],
  firewall: [90, 99],
  snat: [100, 109],
  'next-hop': [110, 114],
  'bridged-firewall': [115, 119],
  switching: [120, 125],
  flood: [126, 129],
  /** The only place that knows tags and tunnels. */
  output: [130, 139],
  /** What nobody wanted. */
  miss: [140, 149],
} as const satisfies Record<string, readonly [first: number, last: number]>;

export type Stage = keyof typeof STAGES;

export function isStage(name: string): name is Stage {
  return Object.hasOwn(STAGES, name);
}
