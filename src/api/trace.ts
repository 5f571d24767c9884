/** What `/api/v1/trace` takes and answers: a packet's way through stages, apps, rules and NAT. Nothing is sent. */

import {
  integer,
  type JsonSchema,
  type JsonSchemas,
  list,
  object,
  oneOf,
  orNull,
  ref,
  request,
  text,
} from './shapes/schema.ts';

/** Either `words` or `frames`. */
export interface TraceRequest {
  /** `from web1 tcp to 10.0.0.2:80` */
  words?: string;
  /** Frames in hexadecimal digits, one after the other: a later one finds the connections of the earlier. */
  frames?: string[];
  /** Of `frames`: by which port they come in, as behind `from`; without it where each one's sender is known to be. */
  in?: string;
  /** What conntrack says each time that the packet comes back to the tables: `trk,est`; without it what it finds. */
  ctNext?: string[];
  /** The answer to a packet that arrives is traced, too. */
  reply?: boolean;
}

export interface TraceReport {
  /** `switches`: what stands in them; `file`: what the apps would put there. */
  on: 'switches' | 'file';
  file: string | null;
  notes: string[];
  packets: TracedPacket[];
}

export interface TracedPacket {
  /** `packet`, `packet 3` of several, `answer`. */
  what: string;
  switch: string;
  /** By name. */
  port: string;
  frame: TracedFrame;
  /** What was not said and so was taken, one line each. */
  taken: string[];
  ways: TracedWay[];
  /** null: it could not be traced to its end, see `problem`. */
  verdict: TraceVerdict | null;
  problem: string | null;
}

export interface TracedFrame {
  /** In one line. */
  text: string;
  src: string;
  dst: string;
  /** In hexadecimal digits. */
  hex: string;
}

/** Through one switch. */
export interface TracedWay {
  dpid: string;
  switch: string;
  /** By which it comes in. */
  port: { number: number; name: string };
  /** The link that led here; null: it begins here. */
  by: string | null;
  frame: TracedFrame;
  steps: TraceStep[];
}

/** In the order in which they come; `depth`: inside how many flows and buckets. */
export interface TraceStep {
  kind: 'flow' | 'no flow' | 'conntrack' | 'group' | 'bucket' | 'output' | 'controller' | 'note';
  depth: number;
  /** In words: what conntrack said, where it left, a group's name. */
  text: string;
  flow: TracedFlowText | null;
  /** What has become of the packet here. */
  changes: FieldChange[];
}

/** Of `no flow` the place alone. */
export interface TracedFlowText {
  table: number;
  /** `firewall.filter` */
  tableName: string;
  stage: string | null;
  /** null: nobody's of ours. */
  app: string | null;
  intent: string | null;
  source: string | null;
  cookie: string | null;
  priority: number | null;
  match: string | null;
  actions: string | null;
}

export interface FieldChange {
  /** ovs-ofctl's name, or that of a field of the pipeline: `segment`. */
  field: string;
  was: string;
  is: string;
  /** A field of the packet itself, or what the pipeline carries along. */
  of: 'packet' | 'pipeline';
}

export interface TraceVerdict {
  kind: 'delivered' | 'dropped' | 'controller' | 'answered';
  /** One line. */
  text: string;
  /** The flow that decided it, and the line of the file that it is there for. */
  decided: TracedFlowText | null;
  /** Where it came out. */
  deliveries: TracedDelivery[];
}

export interface TracedDelivery {
  switch: string;
  port: { number: number; name: string };
  frame: TracedFrame;
  /** Where that leads, where it leads out of what is traced here; null: to whoever is behind the port. */
  beyond: string | null;
}

export interface TraceSource {
  /** Rejects with an error of the API where the words can't be used. */
  trace(request: TraceRequest): Promise<TraceReport>;
}

const port = object<{ number: number; name: string }>({ number: integer, name: text });
const flow: Record<keyof TracedFlowText, JsonSchema> = {
  table: integer,
  tableName: text,
  stage: orNull(text),
  app: { ...orNull(text), description: 'null: a foreign flow' },
  intent: orNull(text),
  source: { ...orNull(text), description: 'file:line' },
  cookie: orNull(text),
  priority: orNull(integer),
  match: { ...orNull(text), description: "In ovs-ofctl's text" },
  actions: { ...orNull(text), description: "In ovs-ofctl's text" },
};

export const traceSchemas: JsonSchemas = {
  TraceRequest: request<TraceRequest>(
    {
      words: { type: 'string', description: '`from web1 tcp to 10.0.0.2:80`; docs/trace.md has every word' },
      frames: list({ type: 'string', description: 'Instead of words: a frame in hexadecimal digits' }),
      in: { type: 'string', description: 'Of frames: the port by which they come in' },
      ctNext: list({ type: 'string', description: 'Flags of ct_state, `trk,est`' }),
      reply: { type: 'boolean', description: 'Trace the answer, too' },
    },
    ['words', 'frames', 'in', 'ctNext', 'reply'],
  ),
  TraceReport: object<TraceReport>({
    on: oneOf('switches', 'file'),
    file: orNull(text),
    notes: list(text),
    packets: list(ref('TracedPacket')),
  }),
  TracedPacket: object<TracedPacket>({
    what: text,
    switch: text,
    port: text,
    frame: ref('TracedFrame'),
    taken: list({ type: 'string', description: 'What was not said and so was taken' }),
    ways: list(ref('TracedWay')),
    verdict: orNull(ref('TraceVerdict')),
    problem: { ...orNull(text), description: 'Why it could not be traced to its end' },
  }),
  TracedFrame: object<TracedFrame>({ text, src: text, dst: text, hex: text }),
  TracedWay: object<TracedWay>({
    dpid: text,
    switch: text,
    port,
    by: { ...orNull(text), description: 'The link that led here; null: it begins here' },
    frame: ref('TracedFrame'),
    steps: list(ref('TraceStep')),
  }),
  TraceStep: object<TraceStep>({
    kind: oneOf('flow', 'no flow', 'conntrack', 'group', 'bucket', 'output', 'controller', 'note'),
    depth: integer,
    text,
    flow: orNull(ref('TracedFlowText')),
    changes: list(ref('FieldChange')),
  }),
  TracedFlowText: object<TracedFlowText>(flow),
  FieldChange: object<FieldChange>({ field: text, was: text, is: text, of: oneOf('packet', 'pipeline') }),
  TraceVerdict: object<TraceVerdict>({
    kind: oneOf('delivered', 'dropped', 'controller', 'answered'),
    text,
    decided: orNull(ref('TracedFlowText')),
    deliveries: list(ref('TracedDelivery')),
  }),
  TracedDelivery: object<TracedDelivery>({ switch: text, port, frame: ref('TracedFrame'), beyond: orNull(text) }),
};
