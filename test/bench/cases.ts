// What is measured, and by whom it is done: each peer gives the same output for the same input.
import { interpretedMessage, type Message, message } from '../../proto/openflow/message.ts';
import { Reader } from '../../proto/wire/reader.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { parseFlowStats, parsePacketIn } from './binary-parser.ts';
import { readFlowStats, readPacketIn } from './hand-written-decode.ts';
import { writeFlowMod } from './hand-written-encode.ts';
import { flowMods, flowStatsBytes, packetInBytes } from './inputs.ts';
import type { Peer } from './measure.ts';

export interface Case {
  name: string;
  /** What one run does. */
  text: string;
  /** The codec itself first. */
  peers: Peer[];
}

export const CODEC = 'flowloom';

function decoding(
  name: string,
  text: string,
  bytes: Uint8Array,
  byHand: (b: Uint8Array) => unknown,
  byParser: (b: Uint8Array) => unknown,
): Case {
  return {
    name,
    text,
    peers: [
      { name: CODEC, run: () => message.decode(new Reader(bytes)) },
      { name: 'interpreted', run: () => interpretedMessage.decode(new Reader(bytes)) },
      { name: 'hand-written', run: () => byHand(bytes) },
      { name: 'binary-parser', run: () => byParser(bytes) },
    ],
  };
}

/** One flow after another; the output lies in the encoder's own buffer until the next. */
function encoding(name: string, text: string, values: readonly Message[]): Case {
  const peer = (peerName: string, encode: (value: Message) => Uint8Array): Peer => {
    let next = 0;
    return {
      name: peerName,
      run() {
        if (next === values.length) next = 0;
        return encode(values[next++]!);
      },
    };
  };
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
      peer(CODEC, into(message)),
      peer('interpreted', into(interpretedMessage)),
      peer('hand-written', (value) => writeFlowMod(value as never)),
    ],
  };
}

export function cases(): Case[] {
  return [
    decoding(
      'packet-in-64',
      'decode a packet-in of 64 bytes, 6 match fields',
      packetInBytes(64),
      readPacketIn,
      parsePacketIn,
    ),
    decoding(
      'packet-in-1500',
      'decode a packet-in of 1500 bytes, 6 match fields',
      packetInBytes(1500),
      readPacketIn,
      parsePacketIn,
    ),
    encoding('flow-mod', 'encode a flow-mod of the NAT or firewall app', flowMods()),
    decoding('flow-stats', 'decode a reply with 100 flows', flowStatsBytes(100), readFlowStats, parseFlowStats),
  ];
}
