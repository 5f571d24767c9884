// What is as the file says stays so by itself: nothing is written again, whatever Open vSwitch writes into its rows.
import { setTimeout as pause } from 'node:timers/promises';
import { check, expect } from './check.ts';
import { type Flowloom, planInForce, status } from './flowloom.ts';
import { type OpenVSwitch, vsctl } from './host.ts';
import type { Lab, Namespace } from './lab.ts';
import { startPing, stopPing } from './traffic.ts';

/** Longer than Open vSwitch's interval between two updates of its statistics, which is 5 s. */
const SECONDS = 6;
/** On a busy machine they come later. */
const PATIENCE = 30;

/** Meanwhile the pairs talk, so that the statistics change. */
export async function checkQuiet(
  lab: Lab,
  flowloom: Flowloom,
  hosts: OpenVSwitch[],
  talk: (readonly [Namespace, string])[],
): Promise<void> {
  await check(
    lab,
    `for ${SECONDS} s and more of traffic nothing is to be changed, nothing is written, nothing is drift`,
    async () => {
      const pings = await Promise.all(talk.map(([from, to]) => startPing(lab, from, to, 0.1)));
      const statistics = () =>
        Promise.all(hosts.map((host) => vsctl(host, '--columns=statistics', 'list', 'interface')));
      const before = await statistics();
      const written = (await status(flowloom)).hosts.map(({ changes }) => changes);
      const allWritten = async () => (await statistics()).every((text, index) => text !== before[index]);
      const begin = Date.now();
      const passed = () => (Date.now() - begin) / 1000;
      while (passed() < SECONDS || (passed() < PATIENCE && !(await allWritten()))) {
        const plan = await planInForce(flowloom);
        expect(plan.unknown.length === 0 && plan.hosts.length === hosts.length, JSON.stringify(plan));
        const changes = plan.hosts.flatMap((host) => [...host.changes, ...host.refused]);
        expect(changes.length === 0, 'there is something to change:', () => changes.join('\n'));
        await pause(500);
      }
      const after = (await status(flowloom)).hosts;
      for (const [index, host] of after.entries()) {
        const more = host.changes.slice(written[index]?.length);
        expect(more.length === 0, `${host.name} was written to:`, () => more.join('\n'));
        expect(host.drift.seen === 0, `${host.name} has drifted:`, () => host.drift.recent.join('\n'));
        expect(host.error === null && host.warnings.length === 0, `${host.name}:`, () => JSON.stringify(host.warnings));
      }
      expect(await allWritten(), 'Open vSwitch wrote no statistics, so this showed nothing');
      for (const host of hosts) {
        const settled = await vsctl(host, 'get', 'Open_vSwitch', '.', 'next_cfg', 'cur_cfg');
        expect(new Set(settled.split('\n')).size === 1, 'next_cfg and cur_cfg:', () => settled);
      }
      for (const each of pings) await stopPing(each);
    },
  );
}
