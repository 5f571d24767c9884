/** Actions that send the packet somewhere: ports, the controller, groups, queues (ovs-actions(7), Output Actions). */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { PACKET_IN_REASONS } from '../../../../proto/openflow/reasons.ts';
import { WHOLE_PACKET } from '../../../../proto/openflow/reserved-numbers.ts';
import { fault, hint, shortened } from '../fault.ts';
import { fieldNamed } from '../field-names.ts';
import { formatHexOctets, parseHexOctets } from '../hex-octets.ts';
import { numberIn } from '../numbers.ts';
import { formatPort, parsePort, portOf, shortPort, UNSET } from '../port-words.ts';
import { cut, type Slice, textOf } from '../slice.ts';
import { formatSubfield, hasShortHeader, parseSubfield64 } from '../subfield.ts';
import type { Word } from '../words.ts';
import { type ActionOf, type Actions, alone, type Context, options } from './kinds.ts';

const REASONS: ReadonlyMap<string, keyof typeof PACKET_IN_REASONS> = new Map([
  ['no_match', 'tableMiss'],
  ['action', 'applyAction'],
  ['invalid_ttl', 'invalidTtl'],
  ['action_set', 'actionSet'],
  ['group', 'group'],
  ['packet_out', 'packetOut'],
]);

/** What `controller` says, whichever of its two forms it has. */
interface Punt {
  reason: keyof typeof PACKET_IN_REASONS | number;
  maxLen: number;
  controllerId: number;
  userdata?: Uint8Array;
  pause: boolean;
  /** 0: none. */
  meterId: number;
}

const USUAL = { reason: 'applyAction', maxLen: WHOLE_PACKET, controllerId: 0, pause: false, meterId: 0 } as const;

function formatPunt({ reason, maxLen, controllerId, userdata, pause, meterId }: Punt): string {
  const parts: string[] = [];
  if (reason !== 'applyAction') {
    parts.push(`reason=${[...REASONS].find(([, name]) => name === reason)?.[0] ?? reason}`);
  }
  if (maxLen !== WHOLE_PACKET) parts.push(`max_len=${maxLen}`);
  if (controllerId !== 0) parts.push(`id=${controllerId}`);
  if (userdata !== undefined && userdata.length > 0) parts.push(`userdata=${formatHexOctets(userdata)}`);
  if (pause) parts.push('pause');
  if (meterId !== 0) parts.push(`meter_id=${meterId}`);
  const plain = parts.length === 0 || (parts.length === 1 && maxLen !== WHOLE_PACKET);
  return plain ? `CONTROLLER:${maxLen}` : `controller(${parts.join(',')})`;
}

function puntOf({ properties }: ActionOf<'controller2'>): Punt {
  const punt: Punt = { ...USUAL };
  for (const property of properties) {
    if (property.type === 'userdata') punt.userdata = property.data;
    else if (property.type === 'pause') punt.pause = true;
    else if (property.type !== 'unknown') Object.assign(punt, { ...property, type: undefined });
  }
  return punt;
}

function parsePunt({ value }: Word): Action[] {
  const punt: Punt = { ...USUAL };
  const text = textOf(value);
  if (/^\d+$/.test(text)) punt.maxLen = numberIn(value, 16, 'max_len');
  else {
    options(value, 'controller', {
      reason: (word) => {
        punt.reason = reasonIn(word.value);
      },
      max_len: (word) => {
        punt.maxLen = numberIn(word.value, 16, 'max_len');
      },
      id: (word) => {
        punt.controllerId = numberIn(word.value, 16, 'id');
      },
      userdata: (word) => {
        punt.userdata = parseHexOctets(word.value, 'userdata');
      },
      pause: () => {
        punt.pause = true;
      },
      meter_id: (word) => {
        punt.meterId = numberIn(word.value, 32, 'meter_id');
      },
    });
  }
  return [punted(punt)];
}

function reasonIn(slice: Slice): Punt['reason'] {
  const text = textOf(slice);
  const reason = REASONS.get(text) ?? (/^\d{1,3}$/.test(text) ? numberIn(slice, 8, 'reason') : undefined);
  if (reason !== undefined) return reason;
  throw fault(slice, `"${shortened(text)}" is no reason${hint(text, REASONS.keys())}`);
}

/** The oldest form that says all. */
function punted({ reason, maxLen, controllerId, userdata, pause, meterId }: Punt): Action {
  if ((userdata?.length ?? 0) === 0 && !pause && meterId === 0) {
    const plain = reason === 'applyAction' && controllerId === 0 && userdata === undefined;
    return plain
      ? { type: 'output', port: 'controller', maxLen }
      : { type: 'controller', maxLen, controllerId, reason };
  }
  const properties: ActionOf<'controller2'>['properties'][number][] = [];
  if (maxLen !== WHOLE_PACKET) properties.push({ type: 'maxLen', maxLen });
  if (controllerId !== 0) properties.push({ type: 'controllerId', controllerId });
  if (reason !== 'applyAction') properties.push({ type: 'reason', reason });
  if (userdata !== undefined && userdata.length > 0) properties.push({ type: 'userdata', data: userdata });
  if (pause) properties.push({ type: 'pause' });
  if (meterId !== 0) properties.push({ type: 'meterId', meterId });
  return { type: 'controller2', properties };
}

/** To a port by its number or name: the whole packet, if it is the controller. */
export function toPort(slice: Slice, context: Context): Action {
  const port = parsePort(slice, context.names);
  if (port === 'any' || port === UNSET) throw fault(slice, 'this is no port to output to');
  return { type: 'output', port, maxLen: port === 'controller' ? WHOLE_PACKET : 0 };
}

function parseOutput({ value, sign }: Word, context: Context): Action[] {
  const text = textOf(value);
  if (sign === '(' && text.includes('=')) return [parseTruncated(value, context)];
  const field = portOf(text, context.names) === undefined ? fieldNamed(text.split('[')[0]!) : undefined;
  if (field === undefined) return [toPort(value, context)];
  const from = parseSubfield64(value);
  return [{ type: hasShortHeader(field) ? 'outputReg' : 'outputReg2', from, maxLen: WHOLE_PACKET }];
}

/** An Ethernet header at least. */
const SHORTEST = 14;

function parseTruncated(slice: Slice, context: Context): Action {
  let port: ReturnType<typeof parsePort> | undefined;
  let maxLen: number | undefined;
  options(slice, 'output', {
    port: (word) => {
      port = parsePort(word.value, context.names);
      if (typeof port !== 'number' && port !== 'local' && port !== 'inPort') {
        throw fault(word.value, `${formatPort(port)} takes no max_len: numbers, LOCAL and IN_PORT do`);
      }
    },
    max_len: (word) => {
      maxLen = numberIn(word.value, 32, 'max_len');
      if (maxLen < SHORTEST) throw fault(word.value, `max_len is at least ${SHORTEST}`);
    },
  });
  if (port === undefined || maxLen === undefined) throw fault(slice, 'output(port=PORT,max_len=BYTES) needs both');
  return { type: 'outputTrunc', port: shortPort(port), maxLen };
}

function parseEnqueue({ value }: Word, context: Context): Action[] {
  const [port, queue] = cut(value, ':q,');
  if (port === undefined || queue === undefined) throw fault(value, 'enqueue:PORT:QUEUE needs both');
  return [
    { type: 'setQueue', queueId: numberIn({ ...queue, end: value.end }, 32, 'the queue') },
    { type: 'output', port: parsePort(port, context.names), maxLen: WHOLE_PACKET },
    { type: 'popQueue' },
  ];
}

function parseGroup({ value }: Word): Action[] {
  const groupId = numberIn(value, 32, 'group');
  return [{ type: 'group', groupId: groupId === 0xfffffffc ? 'all' : groupId === 0xffffffff ? 'any' : groupId }];
}

const GROUPS = { all: 0xfffffffc, any: 0xffffffff };

const ALONE = alone({ popQueue: 'pop_queue' });

export const OUTPUT: Actions = {
  print: {
    ...ALONE.print,
    output: ({ port, maxLen }) => {
      if (port === 'controller') return `CONTROLLER:${maxLen}`;
      return typeof port === 'number' ? `output:${port}` : formatPort(port);
    },
    outputReg: ({ from }) => `output:${formatSubfield(from)}`,
    outputReg2: ({ from }) => `output:${formatSubfield(from)}`,
    outputTrunc: ({ port, maxLen }) => `output(port=${formatPort(port)},max_len=${maxLen})`,
    controller: ({ reason, maxLen, controllerId }) => formatPunt({ ...USUAL, reason, maxLen, controllerId }),
    controller2: (action) => formatPunt(puntOf(action)),
    group: ({ groupId }) => `group:${typeof groupId === 'number' ? groupId : GROUPS[groupId]}`,
    setQueue: ({ queueId }) => `set_queue:${queueId}`,
  },
  parse: {
    ...ALONE.parse,
    output: parseOutput,
    controller: parsePunt,
    enqueue: parseEnqueue,
    group: parseGroup,
    set_queue: ({ value }) => [{ type: 'setQueue', queueId: numberIn(value, 32, 'set_queue') }],
  },
};
