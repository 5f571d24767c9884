/** Traces what is asked for, packet by packet: those of one question meet the same connections, and what was learned. */

import { hexBytes } from '../../proto/wire/address.ts';
import type { TracedPacket, TraceRequest } from '../api/trace.ts';
import { hint, shortened } from '../flow/text/fault.ts';
import { FLAG_FIELDS } from '../flow/text/flag-words.ts';
import { answerTo } from '../packet/answer-to.ts';
import { dissect } from '../packet/dissect.ts';
import { findPlace, placesNamed } from './find-place.ts';
import type { Knowledge, Place } from './knowledge.ts';
import { packetOfWords } from './packet-of-words.ts';
import { parsePacketWords } from './parse-packet.ts';
import { type ToTrace, type Traced, tracePacket } from './trace-packet.ts';
import type { Traceable } from './traceable.ts';

export interface Network {
  knowledge: Knowledge;
  /** By name; rejects with a TraceError where the switch cannot be traced. */
  switchAt(name: string): Promise<Traceable>;
  /** What the switches have heard before: it comes first, and nothing is told of it. */
  heard?(asked: readonly ToTrace[]): { place: Place; frame: Uint8Array }[];
}

/** What is asked for cannot be: in words, for who asked. */
export class TraceError extends Error {}

export const MOST_FRAMES = 1000;
const SHORTEST_FRAME = 14;
const LONGEST_FRAME = 65_535;

/** Throws PacketWordsError or TraceError. */
export async function trace(
  request: TraceRequest,
  { knowledge, switchAt, heard }: Network,
): Promise<{ packets: TracedPacket[]; notes: string[] }> {
  const states = (request.ctNext ?? []).map(parseStates);
  const asked = packetsOf(request, knowledge, states);
  const known = new Map<string, Promise<Traceable>>();
  const notes = new Set<string>();
  const at = async (name: string): Promise<Traceable> => {
    const loading = known.get(name) ?? switchAt(name);
    known.set(name, loading);
    const found = await loading;
    for (const note of found.notes) notes.add(note);
    return found;
  };
  for (const each of heard?.(asked) ?? []) await tracePacket({ what: 'before', taken: [], states: [], ...each }, at);
  const packets: TracedPacket[] = [];
  for (const each of asked) {
    await others();
    const traced = await tracePacket(each, at);
    packets.push(traced.packet);
    if (request.reply !== true) continue;
    const answer = answerOf(traced);
    if (typeof answer === 'string') notes.add(answer);
    else packets.push((await tracePacket(answer, at)).packet);
  }
  return { packets, notes: [...notes] };
}

/** Whoever else has something to do gets a turn. */
const others = () => new Promise<void>((resolve) => void setImmediate(resolve));

function packetsOf({ words, frames, in: port }: TraceRequest, knowledge: Knowledge, states: number[]): ToTrace[] {
  if ((words === undefined) === (frames === undefined))
    throw new TraceError('give a packet in words, or frames in hexadecimal digits: one of both');
  if (words !== undefined) {
    if (port !== undefined) throw new TraceError('where a packet in words comes in is said by its `from`');
    return [{ what: 'packet', ...packetOfWords(knowledge, parsePacketWords(words)), states }];
  }
  if (frames!.length > MOST_FRAMES) throw new TraceError(`at most ${MOST_FRAMES} frames are traced at a time`);
  const at = port === undefined ? undefined : findPlace(knowledge, { text: port, column: 1 });
  return frames!.map((digits, index): ToTrace => {
    const what = frames!.length === 1 ? 'packet' : `packet ${index + 1}`;
    const frame = hexBytes(digits.replace(/^0x|[\s:]/gi, ''));
    if (frame === undefined) throw new TraceError(`${what}: it is no frame in hexadecimal digits`);
    if (frame.length < SHORTEST_FRAME || frame.length > LONGEST_FRAME)
      throw new TraceError(`${what}: it has ${frame.length} bytes; a frame has ${SHORTEST_FRAME} to ${LONGEST_FRAME}`);
    const [place, taken] = at === undefined ? senderPlace(knowledge, frame, what) : [at, []];
    return { what, place, frame, taken, states };
  });
}

function senderPlace(knowledge: Knowledge, frame: Uint8Array, what: string): [Place, string[]] {
  const mac = dissect(frame).eth?.src ?? '';
  const [place, second] = placesNamed(knowledge, mac);
  if (place === undefined || second !== undefined)
    throw new TraceError(
      `${what}: where its sender ${mac} is, is not known: say by which port it comes in with --in PORT`,
    );
  return [place, [`in by ${place.at.name}:${place.port.name}: its sender is there`]];
}

/** What conntrack is to say: `trk,est`, `trk|est`. */
export function parseStates(text: string): number {
  const { names } = FLAG_FIELDS.ctState;
  let state = 0;
  for (const word of text.split(/[,|\s]+/)) {
    const bit = (names as readonly string[]).indexOf(word);
    if (bit < 0) throw new TraceError(`"${shortened(word)}" is no state of a connection${hint(word, names)}`);
    state |= 1 << bit;
  }
  return state;
}

/** Who gets a packet answers it from there; or why nobody does. */
function answerOf({ packet, delivered }: Traced): ToTrace | string {
  const [first, second] = delivered;
  if (packet.verdict?.kind !== 'delivered' || first === undefined) return 'no answer is traced: nobody gets the packet';
  if (second !== undefined) return 'no answer is traced: more than one gets the packet';
  const { place, frame } = first;
  const known = place.at.stations.find(({ isHere, port }) => isHere && port === place.port.number)?.mac;
  try {
    const bytes = answerTo(frame, isGroup(frame) ? { mac: known ?? SOME_STATION } : {});
    return { what: 'answer', place, frame: bytes, taken: [], states: [] };
  } catch {
    return `no answer is traced: ${packet.frame.text} is nothing that is answered`;
  }
}

const SOME_STATION = '02:00:00:00:00:02';
const isGroup = (frame: Uint8Array) => (frame[0]! & 1) === 1;
