// SPAN, RSPAN and ERSPAN: what gets a copy, and what does not.
import { type Capture, frames, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import type { Lab } from '../support/lab.ts';
import { expectPings } from '../support/traffic.ts';
import { until } from '../support/wait.ts';
import type { Machines } from './lab.ts';

export async function checkMirrors(lab: Lab, machines: Machines): Promise<void> {
  const { a1, a2, a3, b1, b2, b3, w1, w2, tap0, tap1, tap2, watch, far } = machines;
  for (const { by, tap, net, one, mirrored, other } of [
    { by: 'flows', tap: tap0, net: '10.1.0', one: a1, mirrored: a2, other: a3 },
    { by: 'normal', tap: tap1, net: '10.3.0', one: b3, mirrored: b1, other: b2 },
  ]) {
    // Its own last byte is 2 in the one, 1 in the other.
    const [its, theirs] = by === 'flows' ? ['2', '1'] : ['1', '2'];
    await check(
      lab,
      `SPAN (${by}): a port sees both directions of one other port, and nothing of two more`,
      async () => {
        const seen = await startCapture(lab, tap, 'eth0', 'icmp');
        await expectPings(by === 'flows' ? other : one, `${net}.${theirs}`);
        await expectPings(mirrored, `${net}.3`);
        const all = await untilSeen(seen, echo('reply', `${net}.3`, `${net}.${its}`, 3));
        const requests = all.filter((frame) => echo('request', `${net}.${its}`, `${net}.3`).test(frame));
        const replies = all.filter((frame) => echo('reply', `${net}.3`, `${net}.${its}`).test(frame));
        const right = requests.length === 3 && replies.length === 3 && all.length === 6;
        expect(right, 'it saw', () => all.join('\n'));
        await stopCapture(seen);
      },
    );
  }
  await check(lab, 'a mirror of what goes out by a port has that direction alone', async () => {
    const seen = await startCapture(lab, tap2, 'eth0', 'icmp');
    await expectPings(b1, '10.3.0.2');
    const all = await untilSeen(seen, echo('reply', '10.3.0.2', '10.3.0.1', 3));
    expect(all.length === 3, 'it saw', () => all.join('\n'));
    await stopCapture(seen);
  });
  await check(
    lab,
    'RSPAN: the trunk of the VLAN for copies has both directions, with its tag; no access port has',
    async () => {
      const seen = await startCapture(lab, watch, 'eth0');
      const bystander = await startCapture(lab, b3, 'eth0');
      await expectPings(w2, '10.4.0.1');
      const all = await untilSeen(seen, echo('reply', '10.4.0.1', '10.4.0.2', 3));
      const pings = all.filter((frame) => /ICMP/.test(frame));
      const right = pings.length === 6 && pings.every((frame) => /vlan 999,/.test(frame));
      expect(right, 'it saw', () => all.join('\n'));
      await expectPings(b3, '10.3.0.2');
      const there = await untilSeen(bystander, echo('reply', '10.3.0.2', '10.3.0.3', 3));
      const leaked = there.filter((frame) => /10\.4\.0\.|vlan/.test(frame));
      expect(leaked.length === 0, 'an access port got', () => leaked.join('\n'));
      await stopCapture(seen);
      await stopCapture(bystander);
    },
  );
  await check(
    lab,
    'ERSPAN: a machine far away gets what comes in by the port, in GRE, and not what goes out by it',
    async () => {
      // The inner frame begins after IPv4 (20), GRE with its number (8) and ERSPAN's own header (8); its IPv4 after 18 more.
      const seen = await startCapture(lab, far, 'eth0', 'proto 47');
      const inner = await startCapture(lab, far, 'eth0', 'proto 47 and ip[66:4] = 0x0a040002');
      const foreign = await startCapture(lab, far, 'eth0', 'proto 47 and ip[66:4] = 0x0a040001');
      await expectPings(w1, '10.4.0.2');
      const all = await untilSeen(inner, /./);
      const outer = all.filter((frame) => /192\.168\.50\.1 > 192\.168\.50\.2: GREv0, .*0x88be/.test(frame));
      expect(outer.length === all.length, 'it saw', () => all.join('\n'));
      await untilCount(inner, 3);
      const [answers, total, others] = [await stopCapture(inner), await stopCapture(seen), await stopCapture(foreign)];
      expect(answers.length === 3 && total.length >= 3, 'it saw', () => total.join('\n'));
      expect(others.length === 0, 'it saw also', () => others.join('\n'));
    },
  );
}

function untilCount(capture: Capture, count: number): Promise<true> {
  return until(
    `${count} frames in ${capture.daemon.name}`,
    async () => (await frames(capture)).length >= count || undefined,
  );
}

function echo(kind: 'request' | 'reply', from: string, to: string, sequence?: number): RegExp {
  const pair = `${from} > ${to}`.replaceAll('.', '\\.');
  return new RegExp(`${pair}: ICMP echo ${kind}.*seq ${sequence ?? '\\d+'},`);
}
