/** What reading counters costs a real ovs-vswitchd and us: how often it is asked, and how long one turn takes. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.ts';
import { flowIdentity } from '../../src/flow/flow-bytes.ts';
import { createFakeClock } from '../telemetry/fake-clock.ts';
import { type CountersAt, countersAt } from './counter-support.ts';
import { type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

let live: LiveSwitch | undefined;
const cleanups: (() => void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  await live?.stop();
  live = undefined;
});

interface Asked extends CountersAt {
  /** Kinds of the multipart requests that were sent. */
  requests: string[];
  /** Requests that wait for their answer. */
  pending(): number;
  /** Milliseconds of processor time that each part of a dump of flows took us. */
  parts: number[];
}

async function start(clock: Clock): Promise<Asked> {
  live ??= await startLiveSwitch();
  const requests: string[] = [];
  const parts: number[] = [];
  let pending = 0;
  function ask<T>(kind: string, answer: Promise<T>): Promise<T> {
    requests.push(kind);
    pending++;
    return answer.finally(() => pending--);
  }
  const at = await countersAt(live.socket, clock, (connection) => ({
    ...connection,
    multipart: (kind, request) => ask(kind, connection.multipart(kind, request)),
    parts(kind, request, take) {
      const answer = connection.parts(kind, request, (body) => {
        const begin = process.cpuUsage();
        take(body);
        const { user, system } = process.cpuUsage(begin);
        parts.push((user + system) / 1000);
      });
      return ask(kind, answer);
    },
  }));
  cleanups.push(at.close);
  return { ...at, requests, parts, pending: () => pending };
}

function countOf(requests: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of requests) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

test('a switch that nobody looks at is asked six times a minute; who looks at ports has it asked for ports', async () => {
  let pending = () => 0;
  const still = async () => {
    // One answer may be what the next question waits for.
    for (let seen = 0; seen < 3; seen++) {
      await until(pending, (left) => left === 0);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const clock = createFakeClock(still);
  live = await startLiveSwitch();
  await live.ofctl('add-flow', 'table=0,priority=1,actions=drop');
  const asked = await start(clock);
  const { counters, requests } = asked;
  pending = asked.pending;
  async function seconds(count: number): Promise<Record<string, number>> {
    requests.length = 0;
    await clock.pass(count * 1000);
    return countOf(requests);
  }
  await seconds(10);
  expect(await seconds(60)).toEqual({ portStats: 2, table: 2, flow: 2 });
  const stop = counters.want({ kinds: ['port'], every: 1000 });
  await seconds(1);
  expect(await seconds(60)).toEqual({ portStats: 60, table: 2, flow: 2 });
  stop();
  await seconds(30);
  expect(await seconds(60)).toEqual({ portStats: 2, table: 2, flow: 2 });
});

const FLOWS = 100_000;

async function addFlows(): Promise<void> {
  const ofctl = spawn('ovs-ofctl', ['-O', 'OpenFlow14', '--bundle', 'add-flows', `unix:${live!.socket}`, '-'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(ofctl, 'exit');
  for (let n = 0; n < FLOWS; n++) {
    const address = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
    ofctl.stdin.write(`table=${n % 3},cookie=0xf100,priority=9,tcp,nw_dst=${address},tp_dst=80,actions=drop\n`);
  }
  ofctl.stdin.end();
  expect(await ended).toEqual([0, null]);
}

test('100,000 flows are read in turns of some milliseconds', async () => {
  live = await startLiveSwitch();
  await addFlows();
  const { counters, datapath, parts } = await start(systemClock);
  // Their identities are found in turns of their own.
  await until(
    async () => {
      await counters.fresh(['flow']);
      const match = { ethType: 0x0800, ipProto: 6, ipv4Dst: '10.0.0.2', tcpDst: 80 };
      return counters.flow(datapath.dpid, flowIdentity({ tableId: 2, priority: 9, match }));
    },
    (found) => found !== undefined,
  );
  expect(parts.length).toBeGreaterThan(FLOWS / 1000);
  const typical = (list: readonly number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!;
  expect(typical(parts)).toBeLessThan(5);
  expect(counters.apps.get('a')?.flows).toBe(FLOWS);
});
