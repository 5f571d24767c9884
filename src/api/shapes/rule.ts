/** Rules of the file in force: the firewall's, its policies, and NAT's. */

import { integer, type JsonSchemas, list, number, object, oneOf, orNull, text } from './schema.ts';

export const RULE_KINDS = ['firewall', 'policy', 'nat'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

export interface RuleStatus {
  /** The same as long as its text and line stay. */
  id: string;
  kind: RuleKind;
  text: string;
  /** `flowloom.yaml:40` */
  source: string;
  /** `accept`, `drop`, `masquerade`, `forward` … */
  action: string;
  /** Of the firewall: names of zones; null: all of them. */
  from: string | null;
  to: string | null;
  /** Those that it decided, in both directions of their connections; they go on where flows are replaced. */
  packets: number;
  bytes: number;
  packetRate: number;
  bitRate: number;
  /** ISO 8601: when its packets rose last; null: not since anybody looked. */
  lastHit: string | null;
  /** How many of its flows stand, and names of the switches that hold them. */
  flows: number;
  switches: string[];
  /** What of it can't stand in a switch, and why. */
  problems: string[];
  /** Id of what it counts among the counters of kind `intent`, where its history is; null: it has no flows yet. */
  counter: string | null;
}

export const ruleSchemas: JsonSchemas = {
  RuleStatus: object<RuleStatus>({
    id: { type: 'string', description: 'The same as long as its text and line stay' },
    kind: oneOf(...RULE_KINDS),
    text,
    source: text,
    action: text,
    from: orNull({ type: 'string', description: "Of the firewall: a zone's name; null: all" }),
    to: orNull({ type: 'string', description: "Of the firewall: a zone's name; null: all" }),
    packets: { type: 'integer', description: 'Those that it decided, in both directions of their connections' },
    bytes: integer,
    packetRate: number,
    bitRate: number,
    lastHit: orNull({ type: 'string', description: 'ISO 8601: when its packets rose last' }),
    flows: { type: 'integer', description: 'How many of its flows stand' },
    switches: list(text),
    problems: list({ type: 'string', description: "What of it can't stand in a switch, and why" }),
    counter: orNull({ type: 'string', description: 'Its id in /counters and /counters/history, of=intent' }),
  }),
};
