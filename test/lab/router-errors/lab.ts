// What a router tells senders, on the wire: resets, ICMP errors as each sender knows its packet, MTUs, a neighbour that was replaced.
import { fileURLToPath } from 'node:url';
import { startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest } from '../support/guest.ts';
import { startHost } from '../support/host.ts';
import { inside, type Lab, type LabDefinition, type Namespace, tryInside } from '../support/lab.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { told } from '../support/shell.ts';
import { curl, expectCurl, expectNoCurl, expectPings, ping, startWeb } from '../support/traffic.ts';
import { until } from '../support/wait.ts';

const A = '172.16.100.5';
const N = '172.16.150.5';
const B = '172.16.200.5';
const PUBLIC = '172.16.200.1';
/** Nobody has them. */
const ABSENT = '172.16.200.77';
const NOWHERE = '198.51.100.9';
/** Seconds in which a station that was replaced is found: two looks at the neighbours, and three questions. */
const REPLACED = 90;

export const lab: LabDefinition = {
  title: 'what a router tells senders: refused, unreachable, too large',
  async run(lab) {
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'dials-in');
    const boxA = await addGuest(lab, hv1, 'boxA', { addresses: [`${A}/24`], via: '172.16.100.1' });
    const boxN = await addGuest(lab, hv1, 'boxN', { addresses: [`${N}/24`], via: '172.16.150.1' });
    const boxB = await addGuest(lab, hv1, 'boxB', { addresses: [`${B}/24`] });
    await inside(boxB, ['ip', 'route', 'add', '172.16.100.0/24', 'via', PUBLIC]);
    await startWeb(lab, boxA, 8800);
    await startWeb(lab, boxB, 80);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);
    await expectPings(boxA, B);

    await checkRefused(lab, boxA, boxB);
    await checkUnreachable(lab, boxA, boxN);
    await checkTooLarge(lab, boxA, boxN, boxB);
    await checkReplaced(lab, boxA, boxB);
    await checkSecondStart(lab, { flowloom, recording, bridges: [[hv1, 'br0']], from: boxA, to: B });
  },
};

async function checkRefused(lab: Lab, boxA: Namespace, boxB: Namespace): Promise<void> {
  await check(lab, 'a forward without an accept rule is refused at once, by the public address', async () => {
    const seen = await startCapture(lab, boxB, 'eth0', 'tcp');
    await expectNoCurl(boxB, `http://${PUBLIC}:8800/`, [7]);
    await untilSeen(seen, /172\.16\.200\.1\.8800 > 172\.16\.200\.5\.\d+: Flags \[R\.\]/);
    const leaked = (await stopCapture(seen)).filter((frame) => frame.includes('172.16.100.'));
    expect(leaked.length === 0, 'private addresses outside:', () => leaked.join('\n'));
  });
  await check(lab, 'a connection to a station is refused at once, by the station', () =>
    expectNoCurl(boxB, `http://${A}:8800/`, [7]),
  );
  await check(lab, 'a connection to the router is refused at once', () =>
    expectNoCurl(boxB, `http://${PUBLIC}:81/`, [7]),
  );
  await check(lab, 'UDP is refused: the socket is told', async () => {
    const probe = fileURLToPath(new URL('../support/udp-probe.ts', import.meta.url));
    const outcome = await tryInside(boxB, [process.execPath, probe, A, '4444', '40444']);
    expect(outcome.stdout.trim() === 'ECONNREFUSED', 'the socket was not told', () => told(outcome));
  });
  await check(lab, 'what is accepted passes', () => expectPings(boxA, B));
}

async function checkUnreachable(lab: Lab, boxA: Namespace, boxN: Namespace): Promise<void> {
  await check(lab, 'a station that is not there: host unreachable, from the router', () =>
    expectPingError(boxA, ABSENT, /From 172\.16\.100\.1 .*Destination Host Unreachable/, ['-W', '5']),
  );
  await check(lab, 'the same to a station whose packets are masqueraded', () =>
    expectPingError(boxN, ABSENT, /From 172\.16\.150\.1 .*Destination Host Unreachable/, ['-W', '5']),
  );
  await check(lab, 'no route: network unreachable', () =>
    expectPingError(boxA, NOWHERE, /From 172\.16\.100\.1 .*Destination Net Unreachable/),
  );
}

async function checkTooLarge(lab: Lab, boxA: Namespace, boxN: Namespace, boxB: Namespace): Promise<void> {
  await check(lab, 'without DF a packet that is too large arrives in pieces', async () => {
    const seen = await startCapture(lab, boxN, 'eth0', 'icmp or ip[6:2] & 0x1fff != 0');
    await tryInside(boxA, ['ping', '-n', '-M', 'dont', '-s', '1472', '-c', '1', '-W', '2', N]);
    await untilSeen(seen, /172\.16\.100\.5 > 172\.16\.150\.5: ICMP echo request/);
    await untilSeen(seen, /172\.16\.150\.5 > 172\.16\.100\.5: ICMP echo reply/);
    await stopCapture(seen);
  });
  await check(lab, 'and its sender knows the MTU from then on', () => untilMtu(boxA, N));
  await check(lab, 'with DF the sender is told', async () => {
    await inside(boxA, ['ip', 'route', 'flush', 'cache']);
    const text = /From 172\.16\.100\.1 .*Frag needed and DF set \(mtu = 1400\)|message too long, mtu=1400/;
    await expectPingError(boxA, N, text, ['-M', 'do', '-s', '1400']);
  });
  await check(lab, 'what fits passes with DF', () => expectPings(boxA, N, { flags: ['-M', 'do', '-s', '1372'] }));
  await check(
    lab,
    'a download through masquerading: the server is told by the public address, and it arrives',
    async () => {
      const seen = await startCapture(lab, boxB, 'eth0', 'icmp');
      const outcome = await curl(boxN, `http://${B}/bytes/100000`);
      expect(outcome.code === 0 && outcome.stdout.length === 100_000, 'it did not arrive', () => told(outcome));
      await untilSeen(seen, /172\.16\.200\.1 > 172\.16\.200\.5: ICMP .* unreachable - need to frag \(mtu 1400\)/);
      const leaked = (await stopCapture(seen)).filter((frame) => frame.includes('172.16.150.'));
      expect(leaked.length === 0, 'private addresses outside:', () => leaked.join('\n'));
      await untilMtu(boxB, PUBLIC);
    },
  );
}

async function checkReplaced(lab: Lab, boxA: Namespace, boxB: Namespace): Promise<void> {
  await check(lab, 'a station that another one has replaced is found, though it says nothing by itself', async () => {
    await expectPings(boxB, A);
    await inside(boxA, ['sysctl', '-qw', 'net.ipv4.conf.all.arp_notify=0', 'net.ipv4.conf.eth0.arp_notify=0']);
    await inside(boxA, ['ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:0a:0a']);
    // Its neighbours it knows already, and does not ask for.
    await until('it answers', async () => (await ping(boxB, A, { count: 1 })).received === 1, REPLACED);
    await expectPings(boxB, A);
  });
  await check(lab, 'it is served as before', () => expectCurl(boxA, `http://${B}/`, /^boxB answers/m));
}

/** A ping of a host that can't be reached, and what ping says of it. */
async function expectPingError(from: Namespace, to: string, text: RegExp, flags: string[] = []): Promise<void> {
  const outcome = await tryInside(from, ['ping', '-n', '-c', '1', '-W', '2', ...flags, to]);
  const said = `${outcome.stdout}\n${outcome.stderr}`;
  expect(text.test(said), `${from.name} should be told of ${to}`, () => told(outcome));
}

async function untilMtu(from: Namespace, to: string): Promise<void> {
  await until(`${from.name} knows the MTU`, async () =>
    /mtu 1400/.test(await inside(from, ['ip', 'route', 'get', to])),
  );
}
