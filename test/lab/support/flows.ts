// The flows of a bridge as ovs-ofctl dumps them: the labs' own view of the switch, not Flowloom's.
import { type OpenVSwitch, ofctl } from './host.ts';

export interface DumpedFlow {
  table: number;
  priority: number;
  packets: number;
  /** Without the priority; empty: every packet. */
  match: string;
  actions: string;
  text: string;
}

export async function dumpFlows(host: OpenVSwitch, bridge: string, ...filter: string[]): Promise<DumpedFlow[]> {
  const text = await ofctl(host, 'dump-flows', bridge, ...filter);
  return text
    .split('\n')
    .filter((line) => line.includes(' actions='))
    .map(readFlow);
}

function readFlow(line: string): DumpedFlow {
  const [before = '', actions = ''] = line.trim().split(' actions=');
  const parts = before.split(/,\s*| /).filter((part) => part !== '');
  const known = new Map<string, string>();
  const match: string[] = [];
  for (const part of parts) {
    const [key = '', value = ''] = part.split('=');
    if (NOT_MATCH.has(key)) known.set(key, value);
    else match.push(part);
  }
  return {
    table: Number(known.get('table') ?? 0),
    priority: Number(known.get('priority') ?? 32768),
    packets: Number(known.get('n_packets') ?? 0),
    match: match.join(','),
    actions,
    text: line.trim(),
  };
}

const NOT_MATCH = new Set([
  ...['cookie', 'duration', 'table', 'n_packets', 'n_bytes', 'idle_timeout', 'hard_timeout', 'idle_age', 'hard_age'],
  ...['priority', 'importance', 'send_flow_rem', 'reset_counts', 'no_packet_counts', 'no_byte_counts', 'check_overlap'],
]);

/** A flow without what changes by itself: to compare two dumps. */
export function timeless(flow: DumpedFlow): string {
  return flow.text.replace(/(duration|n_packets|n_bytes|idle_age|hard_age)=[^,]*, ?/g, '');
}
