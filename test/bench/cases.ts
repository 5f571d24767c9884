// What is measured, and by whom it is done: each peer gives the same output for the same input.
import { interpretedMessage, type Message, type MessageOf, message } from '../../proto/openflow/message.ts';
import { Reader } from '../../proto/wire/reader.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { parseFlowStats, parsePacketIn } from './binary-parser.ts';
import { readFlowStats, readPacketIn } from './hand-written-decode.ts';
import { writeFlowMod } from './hand-written-encode.ts';
import { flowMods, flowStatsFrames, packetInFrames } from './inputs.ts';
import type { Peer } from './measure.ts';

export interface Case {
  name: string;
  /** What one run does. */
  text: string;
  /** The codec itself first. */
  peers: Peer[];
}

export const CODEC = 'flowloom';

/** What does one input after another. */
function peer<T>(name: string, inputs: readonly T[], once: (input: T) => unknown): Peer {
  let next = 0;
  return {
    name,
    run() {
      if (next === inputs.length) next = 0;
      return once(inputs[next++]!);
    },
  };
}

type Decode = (bytes: Uint8Array) => unknown;

function decoding(name: string, text: string, frames: readonly Uint8Array[], byHand: Decode, byParser: Decode): Case {
  return {
    name,
    text,
    peers: [
      peer(CODEC, frames, (bytes) => message.decode(new Reader(bytes))),
      peer('interpreted', frames, (bytes) => interpretedMessage.decode(new Reader(bytes))),
      peer('hand-written', frames, byHand),
      peer('binary-parser', frames, byParser),
    ],
  };
}

/** The output lies in the encoder's own buffer until the next. */
function encoding(name: string, text: string, values: readonly MessageOf<'flowMod'>[]): Case {
  const into = (codec: typeof message) => {
    const writer = new Writer(65536);
    return (value: Message) => {
      writer.position = 0;
      codec.encode(writer, value);
      return writer.finish();
    };
  };
  return {
    name,
    text,
    peers: [
      peer(CODEC, values, into(message)),
      peer('interpreted', values, into(interpretedMessage)),
      peer('hand-written', values, writeFlowMod),
    ],
  };
}

export function cases(): Case[] {
  return [
    decoding(
      'packet-in-64',
      'decode a packet-in of 64 bytes, 6 match fields',
      packetInFrames(64),
      readPacketIn,
      parsePacketIn,
    ),
    decoding(
      'packet-in-1500',
      'decode a packet-in of 1500 bytes, 6 match fields',
      packetInFrames(1500),
      readPacketIn,
      parsePacketIn,
    ),
    encoding('flow-mod', 'encode a flow-mod of the NAT or firewall app', flowMods()),
    decoding('flow-stats', 'decode a reply with 100 flows', flowStatsFrames(100), readFlowStats, parseFlowStats),
  ];
}
