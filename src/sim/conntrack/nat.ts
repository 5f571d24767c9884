/**
 * Which addresses and ports a new connection gets by NAT: out of the range that the action gives, such that no other
 * connection answers the same way (RFC 3022, "NAPT"). Where several would do, Open vSwitch takes one by a hash with a
 * secret of its process; here the secret is the caller's.
 */

import { NAT_DESTINATION, NAT_SOURCE } from './connection.ts';
import { PROTOCOL } from './extract.ts';
import { IPV4 } from './ip-header.ts';
import type { NatRequest } from './request.ts';
import { mix, type Tuple } from './tuple.ts';

/** So many ports are tried from the first on; then half as often from anywhere, and so on down to: */
const MOST_ATTEMPTS = 128;
const LEAST_ATTEMPTS = 16;

const ZERO: readonly number[] = [0, 0, 0, 0];

interface PortRange {
  first: number;
  min: number;
  max: number;
}

export interface NatChoice {
  request: NatRequest;
  /** Of the connection's first packet. */
  original: Tuple;
  /** Its reverse; gets what replies will have. */
  reply: Tuple;
  /** Whether no connection has the tuple in either direction. */
  free(tuple: Tuple): boolean;
  secret: number;
  /** 0 … 1, 1 excluded. */
  random(): number;
}

export function natFlags({ src, dst }: NatRequest): number {
  if (src === true) return NAT_SOURCE;
  return dst === true ? NAT_DESTINATION : 0;
}

/**
 * False where all of the range is taken. Of a new connection that `nat` without a side commits, Open vSwitch 3.1 waits
 * for replies from address 0 to port 0: no reply is ever of it, and two such connections may stand in each other's way.
 */
export function chooseTranslation({ request, original, reply, free, secret, random }: NatChoice): boolean {
  const action = natFlags(request);
  const hash = hashOf(original, request, secret);
  chooseAddress(request, action, original, reply, hash);
  const { protocol } = original;
  if (protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.udp) return free(reply);

  const sources = sourcePorts(request, action, original, hash);
  const destinations = destinationPorts(request, action, original, hash);
  reply.srcPort = destinations.first;
  reply.dstPort = sources.first;
  if (action === NAT_DESTINATION && request.portMin !== undefined && tryPorts(reply, 'srcPort', destinations)) {
    return true;
  }
  return tryPorts(reply, 'dstPort', sources);

  function tryPorts(tuple: Tuple, side: 'srcPort' | 'dstPort', { first, min, max }: PortRange): boolean {
    const size = max - min + 1;
    let start = first;
    for (let attempts = Math.min(size, MOST_ATTEMPTS); ; attempts = Math.floor(attempts / 2)) {
      // The first may lie outside.
      for (let i = 0, port = start; i < attempts; i++, port = port >= min && port < max ? port + 1 : min) {
        tuple[side] = port;
        if (free(tuple)) return true;
      }
      if (attempts >= size || attempts < LEAST_ATTEMPTS) return false;
      start = min + Math.floor(random() * size);
    }
  }
}

function hashOf(tuple: Tuple, request: NatRequest, secret: number): number {
  let hash = mix(mix(mix(mix(secret, tuple.src0), tuple.src1), tuple.src2), tuple.src3);
  hash = mix(mix(mix(mix(hash, tuple.dst0), tuple.dst1), tuple.dst2), tuple.dst3);
  hash = mix(mix(hash, tuple.srcPort), tuple.dstPort);
  for (const word of request.addressMin ?? ZERO) hash = mix(hash, word);
  hash = mix(hash, ((request.portMin ?? 0) << 16) | (request.portMax ?? 0));
  return mix(hash, tuple.zone ^ (tuple.protocol << 16)) >>> 0;
}

/** What replies of a translated source go to, or of a translated destination come from. */
function chooseAddress(request: NatRequest, action: number, original: Tuple, reply: Tuple, hash: number): void {
  const min = request.addressMin ?? ZERO;
  if (action !== 0 && min.every((word) => word === 0)) return;
  const [w0, w1, w2, w3] = addressInRange(min, request.addressMax ?? min, original.ethType === IPV4, hash);
  if (action === NAT_SOURCE) {
    reply.dst0 = w0;
    reply.dst1 = w1;
    reply.dst2 = w2;
    reply.dst3 = w3;
  } else {
    reply.src0 = w0;
    reply.src1 = w1;
    reply.src2 = w2;
    reply.src3 = w3;
  }
}

/** Signed words. Of a range of IPv6 addresses no more than 2 ** 32 are used. */
function addressInRange(
  min: readonly number[],
  max: readonly number[],
  ipv4: boolean,
  hash: number,
): [number, number, number, number] {
  if (ipv4) return [(min[0]! + (hash % sizeOf(min[0]!, max[0]!))) | 0, 0, 0, 0];
  const words: [number, number, number, number] = [min[0]!, min[1] ?? 0, min[2] ?? 0, min[3] ?? 0];
  const narrow = words.every((word, i) => i === 3 || word === (max[i] ?? 0));
  let carry = narrow ? hash % sizeOf(words[3], max[3] ?? 0) : hash;
  for (let i = 3; i >= 0; i--) {
    const sum = words[i]! + carry;
    carry = sum > 0xffffffff ? 1 : 0;
    words[i] = sum | 0;
  }
  return words;
}

function sizeOf(min: number, max: number): number {
  return max < min ? 1 : max - min + 1;
}

function sourcePorts(request: NatRequest, action: number, original: Tuple, hash: number): PortRange {
  if (action === 0) return { first: 0, min: 0, max: 0 };
  if (action === NAT_SOURCE && request.portMin !== undefined) return givenPorts(request, hash);
  const first = original.srcPort;
  // A privileged port stays one.
  if (first < 512) return { first, min: 1, max: 511 };
  if (first < 1024) return { first, min: 600, max: 1023 };
  return { first, min: 1024, max: 65535 };
}

function destinationPorts(request: NatRequest, action: number, original: Tuple, hash: number): PortRange {
  if (action === NAT_DESTINATION && request.portMin !== undefined) return givenPorts(request, hash);
  return { first: original.dstPort, min: original.dstPort, max: original.dstPort };
}

function givenPorts({ portMin: min = 0, portMax = min }: NatRequest, hash: number): PortRange {
  const max = Math.max(min, portMax);
  return { first: min + (hash % (max - min + 1)), min, max };
}
