// boxA (private) – router – boxB (public, without a route back): NAT, forwards, a stateful firewall, ICMP errors.
import { fileURLToPath } from 'node:url';
import { packetsAt, startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { checkEveryLab, type EveryLab } from '../support/every-lab.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest } from '../support/guest.ts';
import { startHost } from '../support/host.ts';
import { inside, type Lab, type LabDefinition, type Namespace, tryInside } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { told } from '../support/shell.ts';
import {
  expectCurl,
  expectNoCurl,
  expectNoPings,
  expectPings,
  type PingResult,
  ping,
  startWeb,
} from '../support/traffic.ts';

const A = '172.16.100.5';
const ALIAS = '172.16.100.6';
const B = '172.16.200.5';
const ROUTER = '172.16.200.1';

export const lab: LabDefinition = {
  title: 'a private and a public network, a router with NAT and a firewall between them',
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'dials-in');
    const boxA = await addGuest(lab, hv1, 'boxA', { addresses: [`${A}/24`, `${ALIAS}/24`], via: '172.16.100.1' });
    const boxB = await addGuest(lab, hv1, 'boxB', { addresses: [`${B}/24`] });
    for (const port of [80, 8800, 8801, 9900]) await startWeb(lab, boxA, port);
    await startWeb(lab, boxB, 80);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);

    await checkOutbound(lab, boxA, boxB);
    await checkForwards(lab, boxA, boxB);
    await checkInbound(lab, boxA, boxB);
    await checkIcmp(lab, boxA, boxB);
    await checkEveryLab(lab, flowloom, everyLab(lab, boxA, boxB));
    await checkSecondStart(lab, { flowloom, recording, bridges: [[hv1, 'br0']], from: boxA, to: B });
  },
};

async function checkOutbound(lab: Lab, boxA: Namespace, boxB: Namespace): Promise<void> {
  await check(lab, 'the router answers boxA, at both its addresses', async () => {
    await expectPings(boxA, '172.16.100.1');
    await expectPings(boxA, ROUTER);
  });
  await check(lab, 'boxA pings boxB, which sees 172.16.200.1 only', async () => {
    const seen = await startCapture(lab, boxB, 'eth0');
    await expectPings(boxA, B);
    const all = await untilSeen(seen, /172\.16\.200\.1 > 172\.16\.200\.5: ICMP echo request/);
    const inside = (await stopCapture(seen)).filter((frame) => frame.includes('172.16.100.'));
    expect(inside.length === 0 && all.length > 0, 'private addresses outside:', () => inside.join('\n'));
  });
  await check(lab, 'boxA curls boxB, which is asked by 172.16.200.1', () =>
    expectCurl(boxA, `http://${B}/`, /^boxB answers 172\.16\.200\.1$/m),
  );
  await check(lab, 'boxB has no route to boxA', async () => {
    const routes = await inside(boxB, ['ip', 'route']);
    expect(!/default|172\.16\.100/.test(routes), routes);
  });
}

async function checkForwards(lab: Lab, boxA: Namespace, boxB: Namespace): Promise<void> {
  await check(lab, 'boxB → 172.16.200.1:8800 reaches boxA:8800', async () => {
    const seen = await startCapture(lab, boxA, 'eth0', 'tcp port 8800');
    await expectCurl(boxB, `http://${ROUTER}:8800/`, /^boxA answers 172\.16\.200\.5$/m);
    await untilSeen(seen, /172\.16\.200\.5\.\d+ > 172\.16\.100\.5\.8800: /);
    await stopCapture(seen);
  });
  await check(lab, 'with port translation: 172.16.200.1:80 reaches boxA:8800', async () => {
    const seen = await startCapture(lab, boxA, 'eth0', 'tcp');
    await expectCurl(boxB, `http://${ROUTER}/`, /^boxA answers 172\.16\.200\.5$/m);
    const all = await untilSeen(seen, /172\.16\.200\.5\.\d+ > 172\.16\.100\.5\.8800: /);
    const other = all.filter((frame) => /172\.16\.100\.5\.80\b/.test(frame));
    expect(other.length === 0, 'packets for port 80:', () => other.join('\n'));
    await stopCapture(seen);
  });
  await check(lab, 'a forward without an accept rule is dropped', async () => {
    await expectCurl(boxA, `http://${A}:9900/`, /boxA answers/);
    await expectNoCurl(boxB, `http://${ROUTER}:9900/`);
  });
  await check(lab, 'a port without a forward is dropped', async () => {
    await expectCurl(boxA, `http://${A}:8801/`, /boxA answers/);
    await expectNoCurl(boxB, `http://${ROUTER}:8801/`);
  });
}

async function checkInbound(lab: Lab, boxA: Namespace, boxB: Namespace): Promise<void> {
  await check(lab, 'the router itself does not answer the public side', () => expectNoPings(boxB, ROUTER));
  // The firewall must hold even against somebody who knows the way.
  await inside(boxB, ['ip', 'route', 'add', '172.16.100.0/24', 'via', ROUTER]);
  await check(lab, 'default drop inbound: boxB, given a route, reaches boxA neither by ping nor by curl', async () => {
    const seen = await startCapture(lab, boxA, 'eth0');
    await expectNoPings(boxB, A);
    await expectNoCurl(boxB, `http://${A}/`);
    await expectPings(boxA, '172.16.100.1');
    const all = await untilSeen(seen, /172\.16\.100\.1 > 172\.16\.100\.5: ICMP echo reply/);
    const leaked = all.filter((frame) => frame.includes(B));
    expect(leaked.length === 0, 'packets of boxB:', () => leaked.join('\n'));
    await stopCapture(seen);
  });
  await inside(boxB, ['ip', 'route', 'delete', '172.16.100.0/24']);
  await check(lab, 'established passes: a long download by boxA', () =>
    expectCurl(boxA, `http://${B}/bytes/100000`, /^x{100000}$/),
  );
}

async function checkIcmp(lab: Lab, boxA: Namespace, boxB: Namespace): Promise<void> {
  await check(
    lab,
    'pings of two inside addresses at once: boxB sees one address, each gets its own answers',
    async () => {
      const seen = await startCapture(lab, boxB, 'eth0', 'icmp');
      const both = await Promise.all([pingAs(boxA, A, '4242'), pingAs(boxA, ALIAS, '4243')]);
      for (const { sent, received, outcome } of both) {
        expect(sent === 5 && received === 5, 'pings were lost', () => told(outcome));
      }
      await untilSeen(seen, /172\.16\.200\.1 > 172\.16\.200\.5: ICMP echo request, id \d+, seq 5/);
      const all = await stopCapture(seen);
      const ids = all.flatMap((frame) => /ICMP echo request, id (\d+)/.exec(frame)?.[1] ?? []);
      expect(new Set(ids).size === 2, `ids that boxB saw: ${[...new Set(ids)].join(', ')}`, () => all.join('\n'));
    },
  );
  // Linux' own connection tracking would give the second another id. Open vSwitch's in userspace cannot, and refuses
  // it: what must hold either way is that nobody gets another's answers and no private address gets out.
  await check(lab, 'a second inside address with the ICMP id of the first does not disturb it', async () => {
    const seen = await startCapture(lab, boxB, 'eth0', 'icmp');
    const answers = await startCapture(lab, boxA, 'eth0', 'icmp');
    const first = pingAs(boxA, A, '5555', 12);
    await untilSeen(answers, /172\.16\.200\.5 > 172\.16\.100\.5: ICMP echo reply, id 5555/);
    const second = await pingAs(boxA, ALIAS, '5555');
    const { sent, received, outcome } = await first;
    expect(sent === 12 && received === 12, 'pings of the first were lost', () => told(outcome));
    const replies = (await stopCapture(answers)).filter((frame) => /ICMP echo reply/.test(frame));
    const to = (address: string) => replies.filter((frame) => frame.includes(`> ${address}: `)).length;
    const right = to(A) === 12 && to(ALIAS) === second.received && [0, 5].includes(second.received);
    expect(right, `answers: ${to(A)} to the first, ${to(ALIAS)} to the second`, () => replies.join('\n'));
    const leaked = (await stopCapture(seen)).filter((frame) => frame.includes('172.16.100.'));
    expect(leaked.length === 0, 'private addresses outside:', () => leaked.join('\n'));
  });
  await check(lab, 'UDP to a closed port: the ICMP error comes back to the private address', async () => {
    const seen = await startCapture(lab, boxA, 'eth0', 'icmp');
    const probe = fileURLToPath(new URL('../support/udp-probe.ts', import.meta.url));
    const outcome = await tryInside(boxA, [process.execPath, probe, B, '4444', '40444']);
    expect(outcome.stdout.trim() === 'ECONNREFUSED', 'the socket was not told', () => told(outcome));
    // The error quotes the datagram as boxA sent it, translated back.
    const error = /172\.16\.200\.5 > 172\.16\.100\.5: ICMP 172\.16\.200\.5 udp port 4444 unreachable/;
    await untilSeen(seen, error);
    await untilSeen(seen, /172\.16\.100\.5\.40444 > 172\.16\.200\.5\.4444: UDP/);
    await stopCapture(seen);
  });
  await check(lab, 'traceroute shows the router, then boxB', async () => {
    const outcome = await tryInside(boxA, ['traceroute', '-n', '-q', '2', '-w', '2', '-m', '4', B]);
    const hops = outcome.stdout.split('\n').slice(1);
    expect(/^ *1 +172\.16\.100\.1 /.test(hops[0] ?? ''), 'the first hop is not the router', () => told(outcome));
    expect(/^ *2 +172\.16\.200\.5 /.test(hops[1] ?? ''), 'the second hop is not boxB', () => told(outcome));
  });
}

function everyLab(lab: Lab, boxA: Namespace, boxB: Namespace): EveryLab {
  const rule = 'accept tcp 8800 from public to private:172.16.100.5';
  const forward = `http://${ROUTER}:9900/`;
  return {
    counted: [
      {
        rule: 'private to public accept',
        what: '10 pings: 10 requests, 10 answers',
        traffic: async () => {
          await expectPings(boxA, B, { count: 10 });
          return 20;
        },
      },
      {
        rule,
        what: "the packets of a download, in both directions, at boxA's port",
        traffic: () =>
          packetsAt(lab, boxA, 'tcp port 8800', () => expectCurl(boxB, `http://${ROUTER}/bytes/3000`, /^x{3000}$/)),
      },
      {
        rule: 'public to all drop',
        what: 'the pings that nobody answers',
        traffic: async () => {
          await expectNoPings(boxB, ROUTER, { count: 4 });
          return 4;
        },
      },
    ],
    change: {
      what: 'a rule that accepts port 9900',
      text: (file) => file.replace(`    - ${rule}\n`, `    - ${rule}\n    - ${rule.replace('8800', '9900')}\n`),
      does: () => expectCurl(boxB, forward, /^boxA answers 172\.16\.200\.5$/m),
      undone: async () => {
        await expectNoCurl(boxB, forward);
        await expectCurl(boxB, `http://${ROUTER}:8800/`, /boxA answers/);
      },
    },
    steady: [boxA, B],
    allowed: [
      { packet: `from hv1/boxA tcp to ${B}:80`, rule: 'private to public accept', says: /172\.16\.200\.1:\d+ → / },
      { packet: `from hv1/boxB tcp to ${ROUTER}:80`, rule, says: /→ 172\.16\.100\.5:8800 tcp syn/ },
    ],
    refused: [
      { packet: `from hv1/boxB tcp to ${ROUTER}:9900`, rule: 'public to all drop' },
      { packet: `from hv1/boxB ping ${A}`, rule: 'public to all drop' },
    ],
  };
}

function pingAs(boxA: Namespace, from: string, id: string, count = 5): Promise<PingResult> {
  return ping(boxA, B, { count, interval: 0.2, flags: ['-e', id, '-I', from] });
}
