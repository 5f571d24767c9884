/** The registers of the pipeline by name: what earlier stages found out about a packet and later ones go by. */

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
  /** Firewall zone that it came from; 0 none. */
  ingressZone: { field: 'reg1', offset: 0, bits: 32 },
  /** Port it leaves by; 0: not known. */
  outPort: { field: 'reg2', offset: 0, bits: 32 },
  /** IPv4 address of the tunnel's other end: where it came from, or where it goes. */
  tunnelPeer: { field: 'reg3', offset: 0, bits: 32 },
  /** Firewall zone that it goes to; 255: the router itself. */
  egressZone: { field: 'reg4', offset: 0, bits: 32 },
  /** IPv4 address of the next hop. */
  nextHop: { field: 'reg5', offset: 0, bits: 32 },
  /** ct_state of the router's first ct zone. */
  trackedState: { field: 'reg6', offset: 0, bits: 32 },
  /** 1: the next hop's MAC is known. */
  neighbourKnown: { field: 'reg7', offset: 0, bits: 1 },
  /** Segment.id that it came from, once routing has changed `segment`. */
  ingressSegment: { field: 'reg8', offset: 0, bits: 16 },
  /** Which router handles it; 0: none. */
  router: { field: 'reg10', offset: 0, bits: 16 },
  /** Free for use within one flow. */
  scratch: { field: 'reg9', offset: 0, bits: 32 },
} as const satisfies Record<string, PipelineField>;

export type PipelineFieldName = keyof typeof PIPELINE_FIELDS;

export function isPipelineField(name: string): name is PipelineFieldName {
  return Object.hasOwn(PIPELINE_FIELDS, name);
}
