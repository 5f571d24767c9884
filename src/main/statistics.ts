/** Asks a switch for its statistics (OpenFlow 1.4, 7.3.5) and books what it answers. */

import { scanFlowStats } from '../../proto/openflow/flow-stats-scan.ts';
import type { PortStats } from '../../proto/openflow/port-stats.ts';
import { RESERVED_PORTS } from '../../proto/openflow/reserved-numbers.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { identityIn } from '../flow/flow-bytes.ts';
import type { Connection } from '../openflow/connection.ts';
import type { EntityReading } from '../telemetry/counters/entity-book.ts';
import type { FlowBook, FlowReading } from '../telemetry/counters/flow-book.ts';
import { counter, wideCounter } from '../telemetry/counters/increase.ts';

export interface Duration {
  durationSec: number;
  durationNsec: number;
}

/** 3,072 bytes hold the longest match that a message can have, and more. */
const scratch = Buffer.alloc(65_536);

/** Priority and match as text of one character for each byte: the same flow gives the same, without decoding it. */
function keyOf(body: Uint8Array, priority: number, start: number, end: number): string {
  scratch.writeUInt16BE(priority);
  scratch.set(body.subarray(start, end), 2);
  return scratch.toString('latin1', 0, 2 + end - start);
}

/** What such a key stands for; undefined: its match can't be read. */
export function identityOf(tableId: number, key: string): string | undefined {
  const bytes = Buffer.from(key, 'latin1');
  try {
    // Behind the priority, the match's type and length.
    return identityIn(tableId, bytes.readUInt16BE(), bytes, 2 + 4, bytes.length);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

/** How many there are. */
export async function readFlows(
  connection: Connection,
  table: number | undefined,
  book: FlowBook,
  now: () => number,
): Promise<number> {
  const request = {
    ...({ tableId: table ?? 'all', outPort: 'any', outGroup: 'any', cookie: 0n, cookieMask: 0n, match: {} } as const),
  };
  const reading: FlowReading = {
    ...{ tableId: 0, key: '', duration: 0, cookieHigh: 0, cookieLow: 0, packets: 0, bytes: 0 },
  };
  let count = 0;
  let begun = false;
  await connection.parts('flow', request, (body) => {
    if (!begun) book.begin(now());
    begun = true;
    scanFlowStats(body, (entry) => {
      count++;
      reading.tableId = entry.tableId;
      reading.key = keyOf(body, entry.priority, entry.matchStart, entry.matchEnd);
      reading.duration = milliseconds(entry);
      reading.cookieHigh = entry.cookieHigh;
      reading.cookieLow = entry.cookieLow;
      reading.packets = counter(entry.packetsHigh, entry.packetsLow);
      reading.bytes = counter(entry.bytesHigh, entry.bytesLow);
      book.read(reading);
    });
  });
  book.end(table);
  return count;
}

function milliseconds({ durationSec, durationNsec }: Duration): number {
  return durationSec * 1000 + durationNsec / 1e6;
}

const UNKNOWN_SECONDS = 0xffff_ffff;

function durationOf(told: Duration): number | undefined {
  return told.durationSec === UNKNOWN_SECONDS ? undefined : milliseconds(told);
}

export interface PortReadings {
  readings: EntityReading[];
  /** Milliseconds since the switch's own port came to be: since the switch runs. */
  running: number | undefined;
}

/** `nameOf`: a port's name by its number. */
export async function readPorts(
  connection: Connection,
  nameOf: (port: number) => string | undefined,
): Promise<PortReadings> {
  const stats = await connection.multipart('portStats', { portNo: 'any' });
  const local = stats.find(({ portNo }) => portNo === 'local');
  return {
    readings: stats.map((each) => ({
      name: nameOf(numberOf(each.portNo)) ?? String(numberOf(each.portNo)),
      values: [
        ...[each.rxPackets, each.txPackets, each.rxBytes, each.txBytes],
        ...[each.rxDropped, each.txDropped, each.rxErrors, each.txErrors],
      ].map(wideCounter),
      duration: durationOf(each),
    })),
    running: local === undefined ? undefined : durationOf(local),
  };
}

function numberOf(portNo: PortStats['portNo']): number {
  return typeof portNo === 'number' ? portNo : RESERVED_PORTS[portNo];
}

export interface TableReadings {
  readings: EntityReading[];
  /** How many flows each has, where it has some. */
  sizes: Map<number, number>;
}

export async function readTables(connection: Connection): Promise<TableReadings> {
  const stats = await connection.multipart('table', {});
  const sizes = new Map<number, number>();
  for (const { tableId, activeCount } of stats) if (activeCount > 0) sizes.set(tableId, activeCount);
  // Open vSwitch tells of all 254; those without flows see no packets, the first one excepted.
  const used = stats.filter(({ activeCount, lookupCount }) => activeCount > 0 || lookupCount > 0n);
  return {
    readings: used.map(({ tableId, lookupCount, matchedCount }) => ({
      name: String(tableId),
      values: [wideCounter(lookupCount), wideCounter(matchedCount)],
      duration: undefined,
    })),
    sizes,
  };
}

export async function readQueues(
  connection: Connection,
  nameOf: (port: number) => string | undefined,
): Promise<EntityReading[]> {
  const stats = await connection.multipart('queueStats', { portNo: 'any', queueId: 'all' });
  const readings = stats.map((each) => ({
    name: `${nameOf(numberOf(each.portNo)) ?? String(numberOf(each.portNo))}/${each.queueId}`,
    values: [each.txPackets, each.txBytes, each.txErrors].map(wideCounter),
    duration: durationOf(each),
  }));
  // A port without queues has one all the same, of which the switch keeps nothing.
  return readings.filter(({ values }) => values.some((value) => !Number.isNaN(value)));
}

export async function readMeters(connection: Connection): Promise<EntityReading[]> {
  const stats = await connection.multipart('meter', { meterId: 'all' });
  return stats.map((each) => {
    const dropped = (what: 'packetBandCount' | 'byteBandCount') =>
      each.bandStats.reduce((sum, band) => sum + wideCounter(band[what]), 0);
    return {
      name: String(each.meterId),
      values: [
        ...[wideCounter(each.packetInCount), wideCounter(each.byteInCount)],
        ...[dropped('packetBandCount'), dropped('byteBandCount')],
      ],
      duration: durationOf(each),
    };
  });
}

export async function readGroups(connection: Connection): Promise<EntityReading[]> {
  const stats = await connection.multipart('group', { groupId: 'all' });
  return stats.map((each) => ({
    name: String(each.groupId),
    values: [wideCounter(each.packetCount), wideCounter(each.byteCount)],
    duration: durationOf(each),
  }));
}
