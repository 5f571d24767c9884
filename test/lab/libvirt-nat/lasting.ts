/** What others and accidents do to a running network: kill -9 of Flowloom, a foreign flow, a restart of ovs-vswitchd. */
import { check, expect } from '../support/check.ts';
import { packetsOf, untilStill } from '../support/every-lab.ts';
import { type Flowloom, startAgain, status } from '../support/flowloom.ts';
import { dumpFlows, timeless } from '../support/flows.ts';
import { type OpenVSwitch, ofctl, restartSwitch } from '../support/host.ts';
import type { Lab, Namespace } from '../support/lab.ts';
import { signal } from '../support/process.ts';
import { expectPings, ping, startPing, stopPing } from '../support/traffic.ts';
import { until } from '../support/wait.ts';

const BRIDGE = 'virbr0';
const FOREIGN = 'cookie=0x77,table=3,priority=77,udp,tp_dst=7,actions=drop';
const RULE = 'accept all from guests:192.168.122.0/24 to outside';

/** Flows with their priorities that nobody learned, of Flowloom or of others. */
async function flowsOf(host: OpenVSwitch, foreign = false): Promise<string> {
  const flows = await dumpFlows(host, BRIDGE);
  const learned = new Set(
    flows.flatMap(({ actions }) => [...actions.matchAll(/cookie=(0x\w+)/g)].map(([, one]) => one)),
  );
  const isLearned = (text: string) =>
    /(idle|hard)_timeout=/.test(text) || learned.has(/cookie=(0x\w+)/.exec(text)?.[1] ?? '');
  const lasting = flows.filter(({ text }) => !isLearned(text) && isForeign(text) === foreign);
  return lasting.map(timeless).sort().join('\n');
}

function placesOf(flows: string): string[] {
  return flows.split('\n').map((text) => /^cookie=\w+, table=\d+, priority=\d+/.exec(text)?.[0] ?? text);
}

function isForeign(text: string): boolean {
  return text.includes('cookie=0x77,');
}

export async function checkLasting(
  lab: Lab,
  flowloom: Flowloom,
  hv1: OpenVSwitch,
  guest: Namespace,
  outside: string,
): Promise<void> {
  await ofctl(hv1, 'add-flow', BRIDGE, FOREIGN);
  await untilStill(() => packetsOf(flowloom, RULE));
  const before = {
    flows: await flowsOf(hv1),
    foreign: await flowsOf(hv1, true),
    packets: await packetsOf(flowloom, RULE),
  };
  const pings = await startPing(lab, guest, outside, 0.05);
  await check(
    lab,
    'kill -9 and restart of Flowloom: no flow is sent, the same rules stand with the same precedence',
    async () => {
      signal(flowloom.daemon.identity, 'SIGKILL');
      await until('it is gone', flowloom.daemon.ended);
      await startAgain(flowloom);
      const { sent } = await status(flowloom);
      expect(
        Object.values(sent).every((count) => count === 0),
        `sent: ${JSON.stringify(sent)}`,
      );
      const after = await flowsOf(hv1);
      expect(after === before.flows, 'the flows are others', () => `${before.flows}\n-- now --\n${after}`);
    },
  );
  await check(lab, 'a flow that somebody else added by ovs-ofctl is still there, and is told as foreign', async () => {
    expect(before.foreign !== '' && (await flowsOf(hv1, true)) === before.foreign, 'it is gone');
    expect((await status(flowloom)).switches.length === 1, 'the switch is not known');
  });
  await check(lab, 'meanwhile no ping was lost (20 a second)', () => stopPing(pings));
  await check(lab, "the rule's counter has run on: what was counted before, and all that came since", async () => {
    await untilStill(() => packetsOf(flowloom, RULE));
    const packets = await packetsOf(flowloom, RULE);
    expect(packets > before.packets, `${before.packets} before, ${packets} now`);
    await expectPings(guest, outside, { count: 10 });
    await until('ten pings and their answers are counted', async () => {
      const rise = (await packetsOf(flowloom, RULE)) - packets;
      return rise === 20 || expect(false, `it rose by ${rise}`);
    });
  });
  await check(lab, 'after a restart of ovs-vswitchd, which has lost them, our flows return by themselves', async () => {
    await restartSwitch(lab, hv1);
    // The switch may have given its ports other numbers, so of each flow why it is there, in which table, and its priority.
    const wanted = placesOf(before.flows);
    await until('they are there', async () => {
      const found = placesOf(await flowsOf(hv1));
      const missing = wanted.filter((place) => !found.includes(place));
      const more = found.filter((place) => !wanted.includes(place));
      const same = missing.length === 0 && more.length === 0 && found.length === wanted.length;
      return same || expect(false, `missing: ${missing.join('; ')}, more: ${more.join('; ')}`);
    });
    await until('the guest reaches outside', async () => (await ping(guest, outside, { count: 1 })).received === 1);
    const packets = await packetsOf(flowloom, RULE);
    expect(packets > before.packets, `the counter has fallen: ${before.packets} before, ${packets} now`);
  });
}
