/** One packet's way from switch to switch until it is delivered, or nothing of it is left. */

import type { TracedDelivery, TracedPacket, TracedWay } from '../api/trace.ts';
import type { Key } from '../sim/key/key.ts';
import type { PacketForController } from '../sim/switch-state.ts';
import type { Place } from './knowledge.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { type Traceable, tracedFrame } from './traceable.ts';
import { verdictOf } from './verdict.ts';

/** Switches on one packet's way, each counted as often as it comes there. */
const MOST_WAYS = 64;

export interface ToTrace {
  what: string;
  place: Place;
  frame: Uint8Array;
  taken: string[];
  /** Bits of ct_state that conntrack tells, in order. */
  states: readonly number[];
}

/** What became of it in one switch. */
export interface Passed {
  way: TracedWay;
  recorder: Recorder;
  punted: readonly PacketForController[];
}

/** A frame that came out where somebody is who may answer. */
export interface Delivered {
  place: Place;
  frame: Uint8Array;
}

export interface Traced {
  packet: TracedPacket;
  delivered: Delivered[];
}

interface Coming {
  place: Place;
  frame: Uint8Array;
  tunnel: Key | undefined;
  by: string | null;
}

/** `switchAt`: rejects where the switch cannot be traced. */
export async function tracePacket(
  { what, place, frame, taken, states }: ToTrace,
  switchAt: (name: string) => Promise<Traceable>,
): Promise<Traced> {
  const passed: Passed[] = [];
  const deliveries: TracedDelivery[] = [];
  const delivered: Delivered[] = [];
  let problem: string | undefined;
  const coming: Coming[] = [{ place, frame, tunnel: undefined, by: null }];
  for (let next = coming.shift(); next !== undefined; next = coming.shift()) {
    if (passed.length === MOST_WAYS) {
      problem = `it has come through ${MOST_WAYS} switches, and goes on: the rest is not traced`;
      break;
    }
    const at = await switchAt(next.place.at.name);
    const { place: here, by } = next;
    const recorder = createRecorder(at.names);
    const { left, punted } = at.traced.receive(here.port.number, next.frame, {
      ...{ tunnel: next.tunnel, watcher: recorder },
      // What was told is of the switch where the packet begins.
      states: by === null ? states : [],
    });
    const { number, name } = here.port;
    const entry = { dpid: at.dpid, switch: at.name, port: { number, name }, by };
    passed.push({ way: { ...entry, frame: tracedFrame(next.frame), steps: recorder.steps }, recorder, punted });
    problem ??= recorder.problem;
    for (const each of left) {
      const beyond = at.beyond(each);
      if (beyond !== undefined && 'place' in beyond) {
        coming.push({ place: beyond.place, frame: each.frame, tunnel: beyond.tunnel, by: beyond.by });
        continue;
      }
      const port = { number: each.port, name: at.names.port(each.port) };
      const away = beyond?.away ?? null;
      deliveries.push({ switch: at.name, port, frame: tracedFrame(each.frame), beyond: away });
      const known = here.at.ports.find((candidate) => candidate.number === each.port);
      if (away === null && known !== undefined)
        delivered.push({ place: { at: here.at, port: known }, frame: each.frame });
    }
  }
  return {
    packet: {
      ...{ what, switch: place.at.name, port: place.port.name, frame: tracedFrame(frame), taken },
      ways: passed.map(({ way }) => way),
      verdict: problem === undefined ? verdictOf(passed, deliveries) : null,
      problem: problem ?? null,
    },
    delivered,
  };
}
