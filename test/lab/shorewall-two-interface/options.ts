/** Options of the interface to the Internet, each with packets that it stops; the same packet without what is wrong passes. */
import type { RuleStatus } from '../../../src/api/snapshot.ts';
import { buildPacket } from '../../../src/packet/build.ts';
import type { TcpFlag } from '../../../src/packet/tcp.ts';
import { startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { packetsOf } from '../support/every-lab.ts';
import { ask, type Flowloom, labFile, reload } from '../support/flowloom.ts';
import { macOf } from '../support/guest.ts';
import { inside, type Lab } from '../support/lab.ts';
import { openRawStation } from '../support/raw-station.ts';
import { expectPings, ping } from '../support/traffic.ts';
import { until } from '../support/wait.ts';
import { BEHIND, type Machines, SERVER, WEB1, WEB2 } from './machines.ts';

interface Stopped {
  option: string;
  what: string;
  src: string;
  flags?: TcpFlag[];
  dst?: string;
}

const STOPPED: Stopped[] = [
  { option: 'norfc1918', what: 'from a private address', src: '192.168.7.7' },
  { option: 'norfc1918', what: 'to a private address', src: SERVER, dst: WEB1.inner },
  { option: 'nosmurfs', what: 'from a broadcast address', src: '203.0.113.255' },
  { option: 'tcpflags', what: 'with SYN and FIN', src: SERVER, flags: ['syn', 'fin'] },
  { option: 'tcpflags', what: 'with no flag at all', src: SERVER, flags: [] },
  { option: 'routefilter', what: 'from an address that is behind web2', src: '192.0.2.77' },
];

export async function checkOptions(lab: Lab, flowloom: Flowloom, { net, web1 }: Machines): Promise<void> {
  // The router's MAC address, as the provider has it.
  await expectPings(net, WEB2.outer, { count: 1 });
  const router = (await inside(net, ['ip', 'neigh', 'show', WEB2.outer])).match(/lladdr (\S+)/)?.[1] ?? '';
  const eth = { src: await macOf(net), dst: router };
  const raw = await openRawStation(lab, net, 'eth0');
  let srcPort = 5000;
  const segment = (src: string, flags: TcpFlag[], dst = WEB1.outer) =>
    buildPacket({ eth, ipv4: { src, dst }, tcp: { srcPort: ++srcPort, dstPort: 80, flags } });
  for (const { option, what, src, flags, dst } of STOPPED) {
    await check(lab, `${option} stops a packet ${what}, and counts it; one without that passes`, async () => {
      const rule = `${option} at gw/net`;
      const before = await packetsOf(flowloom, rule);
      const seen = await startCapture(lab, web1, 'eth0', 'tcp dst port 80');
      raw.send(segment(src, flags ?? ['syn'], dst));
      const stopped = srcPort;
      raw.send(segment(SERVER, ['syn']));
      await untilSeen(seen, new RegExp(`198\\.51\\.100\\.7\\.${srcPort} > 10\\.66\\.66\\.67\\.80: Flags \\[S\\]`));
      const leaked = (await stopCapture(seen)).filter((frame) => frame.includes(`.${stopped} > `));
      expect(leaked.length === 0, 'web1 got it:', () => leaked.join('\n'));
      await until('it is counted', async () => {
        const rise = (await packetsOf(flowloom, rule)) - before;
        return rise === 1 || expect(false, `\`${rule}\` rose by ${rise}`);
      });
    });
  }
  raw.close();
}

/** Without the policy loc to loc: what goes back by the interface passes because of the option, and not without it. */
export async function checkRouteback(lab: Lab, flowloom: Flowloom, { pc }: Machines): Promise<void> {
  const file = labFile(lab);
  const withoutPolicy = file.replace(/^ *- loc to loc accept\n/m, '');
  await check(
    lab,
    'routeback alone lets pc reach what is behind web2; without it and the policy pc is refused',
    async () => {
      reload(flowloom, withoutPolicy);
      await until('the policy is gone', async () => !(await ruleTexts(flowloom)).includes('loc to loc accept'));
      await expectPings(pc, BEHIND);
      reload(flowloom, withoutPolicy.replace(', options: [routeback]', ''));
      const refused = async () =>
        (await ping(pc, BEHIND, { count: 1 })).outcome.stdout.includes('Destination Port Unreachable');
      await until('it is refused', refused);
      reload(flowloom, file);
      await until('it passes again', async () => (await ping(pc, BEHIND, { count: 1 })).received === 1);
    },
  );
}

async function ruleTexts(flowloom: Flowloom): Promise<string[]> {
  return ((await ask(flowloom, '/api/v1/rules')) as RuleStatus[]).map(({ text }) => text);
}
