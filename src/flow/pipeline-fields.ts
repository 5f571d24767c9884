/**
 * The registers of the pipeline by name: what earlier stages found out about a packet and later ones go by. They are the
 * contract between the stages; what one app alone keeps about a packet it declares itself (field-plan.ts).
 */

import type { FieldName } from '../../proto/openflow/oxm-fields.ts';

export interface PipelineField {
  field: FieldName;
  offset: number;
  bits: number;
}

export const PIPELINE_FIELDS = {
  /** Segment.id that the packet is in now; routing changes it to the egress segment. */
  segment: { field: 'metadata', offset: 0, bits: 16 },
  /** 1: it came out of a tunnel and must not go into one again (split horizon). */
  fromTunnel: { field: 'reg0', offset: 0, bits: 1 },
  /** 1: one of a flood's copies. */
  flooded: { field: 'reg0', offset: 1, bits: 1 },
  /** Firewall zone that it came from; 0 none. */
  ingressZone: { field: 'reg1', offset: 0, bits: 32 },
  /** Port it leaves by; 0: not known. */
  outPort: { field: 'reg2', offset: 0, bits: 32 },
  /** IPv4 address of the tunnel's other end: where it came from, or where it goes. */
  tunnelPeer: { field: 'reg3', offset: 0, bits: 32 },
  /** Firewall zone that it goes to; 255: the router itself. */
  egressZone: { field: 'reg4', offset: 0, bits: 32 },
  /** Segment.id that it came from, once routing has changed `segment`. */
  ingressSegment: { field: 'reg8', offset: 0, bits: 16 },
} as const satisfies Record<string, PipelineField>;

export type PipelineFieldName = keyof typeof PIPELINE_FIELDS;

/** The same in words, for `flowloom app map`. */
export const PIPELINE_FIELD_TEXTS: Readonly<Record<PipelineFieldName, string>> = {
  segment: 'Number of the segment that the packet is in; routing changes it',
  fromTunnel: '1: it came out of a tunnel and goes into none again',
  flooded: '1: it is one of the copies of a flood',
  ingressZone: 'Firewall zone that it came from; 0: none',
  outPort: 'Port that it leaves by; 0: not known',
  tunnelPeer: 'IPv4 address of the other end of its tunnel',
  egressZone: 'Firewall zone that it goes to; 255: the router itself',
  ingressSegment: 'Segment that it came from, once routing has changed it',
};

export function isPipelineField(name: string): name is PipelineFieldName {
  return Object.hasOwn(PIPELINE_FIELDS, name);
}
