// A router for IPv4 and IPv6: neighbour discovery in the switch, hop limits, two gateways, the host's own stack.
import { startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import { startFlowloom, stopFlowloom } from '../support/flowloom.ts';
import { addGuest } from '../support/guest.ts';
import { startHost } from '../support/host.ts';
import { inside, type Lab, type LabDefinition, type Namespace, tryInside } from '../support/lab.ts';
import { told } from '../support/shell.ts';
import { curl, expectCurl, expectPings, ping, startWeb } from '../support/traffic.ts';
import { until } from '../support/wait.ts';

const ROUTER = '2001:db8:1::1';
const WEB = '2001:db8:2::10';
/** Behind both gateways. */
const FAR = { four: '203.0.113.80', six: '2001:db8:80::80' };
const CONNECTIONS = 24;

export const lab: LabDefinition = {
  title: 'IPv4 and IPv6: neighbour discovery in the switch, two gateways, the host itself',
  async run(lab) {
    await startControl(lab);
    const host = await startHost(lab, 'hv1', 'tcp');
    const pc = await addStation(lab, 'pc', ['10.1.0.10/24', '2001:db8:1::10/64'], ['10.1.0.1', ROUTER]);
    const web = await addStation(lab, 'web', ['10.2.0.10/24', `${WEB}/64`], ['10.2.0.1', '2001:db8:2::1']);
    const gateways: Namespace[] = [];
    for (const [name, last] of [
      ['gwa', 11],
      ['gwb', 12],
    ] as const) {
      const addresses = [`192.0.2.${last}/24`, `2001:db8:ff::${last}/64`];
      const gateway = await addStation(lab, name, addresses, ['192.0.2.1', '2001:db8:ff::1']);
      for (const address of [`${FAR.four}/32`, `${FAR.six}/128`]) await addTo(gateway, address, 'lo');
      await startWeb(lab, gateway, 80, '::');
      gateways.push(gateway);
    }
    await startWeb(lab, host.namespace, 8080, '::');
    const flowloom = await startFlowloom(lab, ['hv1/br0']);
    await giveSelf(host.namespace);

    await check(lab, 'stations reach each other over the router by IPv4 and IPv6, the hop limit one less', async () => {
      await until('the router answers', async () => (await ping(pc, ROUTER, { count: 1 })).received === 1);
      await expectPings(pc, '10.2.0.10');
      const seen = await startCapture(lab, web, 'eth0', 'icmp6 and ip6[40] == 128');
      await expectPings(pc, WEB);
      await untilSeen(seen, /hlim 63/);
      await stopCapture(seen);
    });
    await check(lab, 'the router has a link-local address from its MAC, and answers ping there', async () => {
      const neighbours = await inside(pc, ['ip', '-6', 'neigh', 'show', ROUTER]);
      const [, mac = ''] = /lladdr (\S+)/.exec(neighbours) ?? [];
      await expectPings(pc, `${linkLocalOf(mac)}%eth0`);
    });
    await check(lab, 'who would take an address of the router finds it taken', async () => {
      await inside(pc, ['ip', 'address', 'add', '2001:db8:1::1/64', 'dev', 'eth0']);
      await until('it is a duplicate', async () =>
        (await inside(pc, ['ip', '-6', 'address', 'show', 'dev', 'eth0'])).includes('dadfailed'),
      );
      await inside(pc, ['ip', 'address', 'del', '2001:db8:1::1/64', 'dev', 'eth0']);
    });
    await check(lab, 'a hop limit that ends is told by the router, and so is what it does not route', async () => {
      await expectRefused(pc, WEB, ['-t', '1'], /From 2001:db8:1::1 .*Time exceeded: Hop limit/);
      await expectRefused(pc, '2001:db8:99::1', [], /From 2001:db8:1::1 .*Administratively prohibited/);
      await expectRefused(pc, '10.99.0.1', [], /From 10\.1\.0\.1 .*Destination Host Unreachable/);
    });
    await check(lab, 'connections are shared out between the gateways, and all are answered', async () => {
      for (const address of [FAR.four, `[${FAR.six}]`]) {
        const answers: string[] = [];
        for (let i = 0; i < CONNECTIONS; i++) {
          const outcome = await curl(pc, `http://${address}/`);
          answers.push(/^(gw[ab]) answers/m.exec(outcome.stdout)?.[1] ?? told(outcome));
        }
        for (const { name } of gateways) {
          const share = answers.filter((each) => each === name).length;
          expect(share >= 4, `${name} has ${share} of ${CONNECTIONS}:`, () => answers.join(' '));
        }
        expect(
          answers.every((each) => /^gw[ab]$/.test(each)),
          'some were not answered:',
          () => answers.join('\n'),
        );
      }
    });
    await check(
      lab,
      'the host itself is reached at the router, and reaches stations and what is far away',
      async () => {
        await expectCurl(pc, `http://[${ROUTER}]:8080/`, /^hv1 answers 2001:db8:1::10$/m);
        await expectCurl(web, 'http://10.1.0.1:8080/', /^hv1 answers 10\.2\.0\.10$/m);
        await expectPings(host.namespace, WEB);
        await expectCurl(host.namespace, `http://${FAR.four}/`, /^gw[ab] answers 10\.1\.0\.1$/m);
      },
    );
    await check(lab, 'without Flowloom all goes on, also for who has forgotten its neighbours', async () => {
      await stopFlowloom(flowloom);
      for (const each of [pc, web]) await inside(each, ['ip', 'neigh', 'flush', 'all']);
      await expectPings(pc, WEB);
      await expectPings(web, '10.1.0.10');
      await expectCurl(pc, `http://[${ROUTER}]:8080/`, /^hv1 answers/m);
    });

    async function addStation(lab: Lab, name: string, addresses: string[], via: string[]): Promise<Namespace> {
      const station = await addGuest(lab, host, name);
      await inside(station, ['sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=0']);
      for (const address of addresses) await addTo(station, address, 'eth0');
      for (const gateway of via) await inside(station, ['ip', 'route', 'add', 'default', 'via', gateway]);
      return station;
    }
  },
};

async function addTo(station: Namespace, address: string, device: string): Promise<void> {
  await inside(station, ['ip', 'address', 'add', address, 'dev', device, ...(address.includes(':') ? ['nodad'] : [])]);
}

/** The host's side of the port `self`: the router's addresses, and the port as its way to everything. */
async function giveSelf(host: Namespace): Promise<void> {
  await until('the port is there', async () => (await inside(host, ['ip', '-o', 'link'])).includes(' self0:'));
  await inside(host, ['sysctl', '-q', '-w', 'net.ipv6.conf.self0.disable_ipv6=0', 'net.ipv6.conf.lo.disable_ipv6=0']);
  await inside(host, ['ip', 'link', 'set', 'self0', 'up']);
  for (const address of ['10.1.0.1/32', `${ROUTER}/128`]) await addTo(host, address, 'self0');
  for (const prefix of ['10.0.0.0/8', '203.0.113.0/24']) {
    await inside(host, ['ip', 'route', 'add', prefix, 'dev', 'self0', 'src', '10.1.0.1']);
  }
  await inside(host, ['ip', '-6', 'route', 'add', '2001:db8::/32', 'dev', 'self0', 'src', ROUTER]);
}

async function expectRefused(from: Namespace, to: string, flags: string[], pattern: RegExp): Promise<void> {
  const outcome = await tryInside(from, ['ping', '-n', '-c', '1', '-W', '2', ...flags, to]);
  expect(pattern.test(outcome.stdout), `ping of ${to} is not refused by ${pattern}:`, () => told(outcome));
}

function linkLocalOf(mac: string): string {
  const [a = '', b, c, d, e, f] = mac.split(':');
  const first = (Number.parseInt(a, 16) ^ 2).toString(16);
  return `fe80::${first}${b}:${c}ff:fe${d}:${e}${f}`;
}
