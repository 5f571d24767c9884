/** What `ofproto/trace` prints (ovs-vswitchd(8)), read: the tables passed, and the datapath's actions of every pass. */

export interface TraceStep {
  /** How deep: resubmits lie inside what did them. */
  depth: number;
  table: number;
  /** The flow that matched, or that there was none. */
  flow: string;
}

/** From the packet's coming, or its coming back by a recirculation, to the end of its actions. */
export interface TracePass {
  /** The recirculation that led here; undefined: the packet came in. */
  recirculation: string | undefined;
  steps: TraceStep[];
  /** In the datapath's own text. */
  datapathActions: string;
}

export interface Trace {
  text: string;
  passes: TracePass[];
}

const RECIRCULATION = /^recirc\((0x[0-9a-f]+)\)/;
const STEP = /^( *)(\d+)\. (.*)$/;
const ACTIONS = 'Datapath actions: ';

export function parseTrace(text: string): Trace {
  const passes: TracePass[] = [];
  let recirculation: string | undefined;
  let steps: TraceStep[] = [];
  for (const line of text.split('\n')) {
    const again = RECIRCULATION.exec(line);
    if (again !== null) recirculation = again[1]!;
    const step = STEP.exec(line);
    if (step !== null) steps.push({ depth: Math.floor(step[1]!.length / 4), table: Number(step[2]), flow: step[3]! });
    if (!line.startsWith(ACTIONS)) continue;
    passes.push({ recirculation, steps, datapathActions: line.slice(ACTIONS.length) });
    steps = [];
  }
  return { text, passes };
}
