// `npm run bench` works, and what it measures against each other gives the same output. No time is asserted.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CODEC, cases } from './cases.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const effort = ['--rounds', '3', '--milliseconds', '1'];

function bench(...words: string[]): string {
  return execFileSync(process.execPath, [program, ...words, ...effort], { encoding: 'utf8' });
}

/** A copy: encoders give a view of a buffer that they write to again. */
function copied(output: unknown): unknown {
  return output instanceof Uint8Array ? Buffer.from(output).toString('hex') : output;
}

describe('npm run bench', () => {
  test.each(cases())('$name: every peer gives the same output', ({ peers }) => {
    expect(peers.map(({ name }) => name)).toContain('hand-written');
    for (let run = 0; run < 40; run++) {
      const [own, ...others] = peers.map((peer) => copied(peer.run()));
      for (const other of others) expect(other).toEqual(own);
    }
  });

  test('prints figures of each peer and how they compare', () => {
    const text = bench('flow-mod');
    expect(text).toContain('flow-mod: encode a flow-mod');
    expect(text).toMatch(new RegExp(`${CODEC} +[\\d,]+ .*1\\.00×`));
    expect(text).toMatch(/hand-written +[\d,]+ .*\d×/);
  });

  test('gives them as JSON', () => {
    const { results } = JSON.parse(bench('packet-in-64', 'flow-stats', '--json')) as {
      results: { name: string; peers: { name: string; median: number; opsPerSecond: number }[] }[];
    };
    expect(results.map(({ name }) => name)).toEqual(['packet-in-64', 'flow-stats']);
    for (const { peers } of results) {
      expect(peers.map(({ name }) => name)).toEqual([CODEC, 'interpreted', 'hand-written', 'binary-parser']);
      for (const { median, opsPerSecond } of peers) expect(median * opsPerSecond).toBeCloseTo(1e9, -3);
    }
  });

  test('says which benchmarks there are', () => {
    expect(() => execFileSync(process.execPath, [program, 'packet'], { encoding: 'utf8', stdio: 'pipe' })).toThrow(
      /no benchmark packet; there are packet-in-64, packet-in-1500, flow-mod, flow-stats, ovsdb-sync, ovsdb-ports, ovsdb-change, packet-in, packet-in-latency, isolation, flow-install, flow-restart, switch-restart, flow-change, switches-1000, sim, sim-tables, sim-nat/,
    );
  });

  test('copies a database beside ovsdb-client, which sees as many rows, and tells the memory', () => {
    const { results } = JSON.parse(bench('ovsdb-sync', '--ports', '50', '--json')) as {
      results: { name: string; rows: number; heap: number; peers: { name: string; median: number }[] }[];
    };
    const [sync] = results;
    // A port has a row and its interface one; there is one bridge, and the root.
    expect([sync?.name, sync?.rows]).toEqual(['ovsdb-sync', 102]);
    expect(sync?.peers.map(({ name }) => name)).toEqual(['flowloom', 'its own process', 'bare socket', 'ovsdb-client']);
    for (const { median } of sync?.peers ?? []) expect(median).toBeGreaterThan(0);
  });

  test('configures ports beside ovs-vsctl, and changes one among many', () => {
    const text = bench('ovsdb-ports', 'ovsdb-change', '--count', '8', '--ports', '30');
    expect(text).toMatch(
      /ovsdb-ports: 8 access ports .*\n.*\n {2}flowloom .*\n {2}one ovs-vsctl .*\n {2}ovs-vsctl each /,
    );
    expect(text).toMatch(
      /ovsdb-change: one of 30 ports .*\n.*\n {2}flowloom .*\n {2}found and sent .*\n {2}repaired .*\n {2}ovs-vsctl /,
    );
  });

  test('pushes packets through the simulated switch and a real one: all of them leave both', () => {
    const { results } = JSON.parse(bench('sim', '--switches', '20', '--json')) as {
      results: {
        name: string;
        peers: { name: string; median: number }[];
        frames: { name: string; pushed: number; left: number }[];
        flows?: number;
        rss?: number;
      }[];
    };
    expect(results.map(({ name }) => name)).toEqual(['sim-tables', 'sim-nat']);
    for (const { peers, frames } of results) {
      expect(peers.map(({ name }) => name)).toEqual([CODEC, 'Open vSwitch']);
      for (const { median } of peers) expect(median).toBeGreaterThan(0);
      for (const { pushed, left } of frames) {
        expect(pushed).toBeGreaterThan(0);
        expect(left).toBe(pushed);
      }
    }
    const [five] = results;
    expect([five?.flows, (five?.rss ?? 0) > 1 << 20]).toEqual([100, true]);
  });
});
