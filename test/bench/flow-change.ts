// One rule of a large firewall changes: what goes over the wire, and how soon, from the new file's model on.
import { join } from 'node:path';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/model.ts';
import { formatProblems } from '../../src/config/problem.ts';
import { attachTo, startLiveSwitch } from '../ovs/live-switch.ts';
import { type Figure, figure } from './measure.ts';
import { listenWire } from './wire.ts';

const QUIET_MS = 3000;

export interface ChangeReport {
  text: string;
  note: string;
  figures: Figure[];
  /** That one changed rule sent, and that one rule more and one less in the middle sent. */
  flowMods: { changed: number; inserted: number };
}

/** A router between two segments; rule `at` has another port than it first had, or stands before it. */
function network(rules: number, at?: number, how?: 'changed' | 'inserted'): string {
  const lines = Array.from({ length: rules }, (_, i) => {
    const rule = (port: number) => `    - accept tcp ${port} from net to loc:10.66.${i >> 8}.${i & 0xff}`;
    if (i !== at) return rule(1024 + i);
    return how === 'inserted' ? `${rule(60_000)}\n${rule(1024 + i)}` : rule(60_000);
  });
  return `flowloom: 1
hosts:
  hv1: { underlay: 192.168.50.4 }
segments:
  loc: { vlan: 100, subnet: 10.66.0.0/16 }
  net: { vlan: 300, subnet: 10.88.88.0/24 }
bridges:
  br0:
    hosts: [hv1]
    datapath: netdev
    ports:
      hv1/p1: { access: loc }
      hv1/p2: { access: net }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.66.0.1/16 }
      net: { segment: net, address: 10.88.88.66/24 }
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy:
    - all to all drop
  rules:
${lines.join('\n')}
`;
}

function model(text: string): Config {
  const loaded = parseConfig(text, 'flowloom.yaml');
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  return loaded.config;
}

export async function measureChange(rules: number, rounds: number): Promise<ChangeReport> {
  const live = await startLiveSwitch();
  try {
    const path = join(live.socket, '..', 'wire.sock');
    const wireOf = await listenWire(path, live.socket);
    const first = network(rules);
    const attached = await attachTo(path, first);
    const wire = wireOf();
    const { reconciler } = attached.site;
    await reconciler.settled();
    // The topology closes ports until it knows what is behind them: its flows go by themselves.
    while (performance.now() - wire.lastChange < QUIET_MS) await new Promise((resolve) => setTimeout(resolve, 50));
    if (attached.refused.length > 0) throw new Error(attached.refused.join('\n'));
    const standing = model(first);
    const middle = Math.floor(rules / 2);
    const changed = model(network(rules, middle, 'changed'));
    const inserted = model(network(rules, middle, 'inserted'));

    /** Milliseconds until the last byte of the change is out, and until the switch has it. */
    async function change(next: Config): Promise<Record<'sent' | 'done' | 'processor' | 'flowMods', number>> {
      const before = wire.flowMods;
      const commits = wire.lastCommit;
      const cpu = process.cpuUsage();
      const start = performance.now();
      attached.site.attach(next);
      await reconciler.settled();
      if (wire.lastCommit === commits) throw new Error('the change did not come in a bundle');
      const { user, system } = process.cpuUsage(cpu);
      return {
        sent: wire.lastChange - start,
        done: wire.lastCommit - start,
        processor: (user + system) / 1000,
        flowMods: wire.flowMods - before,
      };
    }

    const times = {
      flowloom: [] as number[],
      committed: [] as number[],
      processor: [] as number[],
      'one inserted': [] as number[],
    };
    const flowMods = { changed: 0, inserted: 0 };
    for (let round = -1; round < rounds; round++) {
      for (const next of [changed, standing]) {
        const { sent, done, processor, flowMods: count } = await change(next);
        flowMods.changed = Math.max(flowMods.changed, count);
        if (round < 0) continue;
        times.flowloom.push(1e6 * sent);
        times.committed.push(1e6 * done);
        times.processor.push(1e6 * processor);
      }
      for (const next of [inserted, standing]) {
        const { sent, flowMods: count } = await change(next);
        flowMods.inserted = Math.max(flowMods.inserted, count);
        if (round >= 0) times['one inserted'].push(1e6 * sent);
      }
    }
    attached.close();
    return {
      text: `one firewall rule among ${rules.toLocaleString('en-US')} changes: from the file's model to the last byte on the wire`,
      note:
        `flow-mods for a changed rule: ${flowMods.changed}, for one that is put in or taken out: ${flowMods.inserted}; ` +
        `${reconciler.actual.size.toLocaleString('en-US')} flows stand`,
      figures: Object.entries(times).map(([name, each]) => figure(name, each)),
      flowMods,
    };
  } finally {
    await live.stop();
  }
}
