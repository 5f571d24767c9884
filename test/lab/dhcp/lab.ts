// Guests on two hosts that are told their addresses by DHCP and of IPv6 by advertisements; leases outlive a killed Flowloom.
import type { PublishedLease } from '../../../src/app/published.ts';
import { startCapture, stopCapture, untilSeen } from '../support/capture.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import {
  type DhcpLease,
  expectNoLease,
  leaseByDhcp,
  listenForRouters,
  startDhcpClient,
  untilAdvertised,
} from '../support/dhcp-client.ts';
import { startDhcpServer } from '../support/dhcp-server.ts';
import { ask, type Flowloom, startAgain, startFlowloom } from '../support/flowloom.ts';
import { addGuest, macOf } from '../support/guest.ts';
import { startHost } from '../support/host.ts';
import { inside, type Lab, type LabDefinition, type Namespace } from '../support/lab.ts';
import { signal } from '../support/process.ts';
import { expectPings } from '../support/traffic.ts';
import { addUnderlay, joinUnderlay, startUnderlay } from '../support/underlay.ts';
import { until } from '../support/wait.ts';

const POOL = ['10.66.66.100', '10.66.66.101', '10.66.66.102', '10.66.66.103'];

export const lab: LabDefinition = {
  title: 'addresses by DHCP on two hosts, by a relay, router advertisements, leases that outlive a killed Flowloom',
  async run(lab) {
    await startControl(lab);
    const underlay = await startUnderlay(lab);
    const [hv1, hv2] = [await startHost(lab, 'hv1', 'tcp'), await startHost(lab, 'hv2', 'tcp')];
    for (const host of [hv1, hv2]) await joinUnderlay(underlay, host);
    const [pc, web, rogue, old] = await Promise.all(
      ['pc', 'web', 'rogue', 'old'].map((name) => addGuest(lab, hv1, name)),
    );
    const pc2 = await addGuest(lab, hv2, 'pc2');
    const desk = await addGuest(lab, hv2, 'desk');
    const srv = await addGuest(lab, hv1, 'srv', { addresses: ['10.77.0.5/24'], via: '10.77.0.1' });
    const flowloom = await startFlowloom(lab, ['hv1/br0', 'hv2/br0']);
    for (const [index, host] of [hv1, hv2].entries()) await addUnderlay(host, 'br-phy', `192.168.50.${index + 1}`);

    await checkGiven(lab, pc!, web!, old!);
    await checkFar(lab, pc!, pc2);
    await checkMtu(lab, pc!);
    await checkRelayed(lab, desk, srv);
    await checkReserved(lab, rogue!);
    await checkKilled(lab, flowloom, pc!, pc2);
    await checkConflict(lab, flowloom, rogue!, pc2);
    await checkPublished(lab, flowloom, pc!);
    await checkAdvertised(lab, pc!, pc2);
  },
};

async function checkGiven(lab: Lab, pc: Namespace, web: Namespace, old: Namespace): Promise<void> {
  await check(lab, 'pc is given an address of the range, with router, name servers, domain and routes', async () => {
    const lease = await leaseByDhcp(lab, pc, { words: ['-O', 'staticroutes', '-O', 'ntpsrv', '-x', 'hostname:pc'] });
    expect(POOL.includes(lease.ip ?? ''), `it got ${lease.ip}`);
    const { router, dns, domain, serverid, lease: seconds, mask, ntpsrv, staticroutes } = lease;
    const told = { router, dns, domain, serverid, seconds, mask, ntpsrv };
    const right = { router: '10.66.66.1', dns: '10.66.66.1 10.66.66.2', domain: 'lan', serverid: '10.66.66.1' };
    const all = { ...right, seconds: '600', mask: '24', ntpsrv: '10.66.66.1' };
    expect(JSON.stringify(told) === JSON.stringify(all), 'other settings:', () => JSON.stringify(told));
    const routes = '10.9.0.0/16 10.66.66.9 0.0.0.0/0 10.66.66.1';
    expect(staticroutes === routes, `other routes: ${staticroutes}`);
  });
  await check(lab, 'web is given the address of its port', async () => {
    const { ip } = await leaseByDhcp(lab, web);
    expect(ip === '10.66.66.67', `it got ${ip}`);
  });
  await check(
    lab,
    'a guest on the other segment gets one of that, and both reach each other by the router',
    async () => {
      const { ip = '' } = await leaseByDhcp(lab, old);
      expect(ip.startsWith('10.77.0.1'), `it got ${ip}`);
      await expectPings(pc, '10.66.66.1');
      await expectPings(pc, ip);
    },
  );
}

async function checkFar(lab: Lab, pc: Namespace, pc2: Namespace): Promise<void> {
  await check(lab, 'pc2, on the other host, is given another address of the range, and reaches pc', async () => {
    const [first, second] = [await leaseByDhcp(lab, pc), await leaseByDhcp(lab, pc2)];
    expect(POOL.includes(second.ip ?? '') && first.ip !== second.ip, `${first.ip} and ${second.ip}`);
    await expectPings(pc2, first.ip ?? '');
  });
}

async function checkMtu(lab: Lab, pc: Namespace): Promise<void> {
  await check(lab, 'pc is told the MTU that the tunnels of its segment leave', async () => {
    const { mtu } = await leaseByDhcp(lab, pc, { words: ['-O', 'mtu'] });
    expect(mtu === '1450', `it is told ${mtu}`);
  });
}

/** The server is BusyBox's, on another segment; the relay asks it from the router, with the client on the other host. */
async function checkRelayed(lab: Lab, desk: Namespace, srv: Namespace): Promise<void> {
  await startDhcpServer(lab, srv, { first: '10.88.0.100', last: '10.88.0.110', router: '10.88.0.1' });
  await check(lab, 'desk, on a segment with a relay, is leased an address by the server elsewhere', async () => {
    const seen = await startCapture(lab, srv, 'eth0', 'udp port 67');
    const { ip = '', serverid, router } = await leaseByDhcp(lab, desk);
    await untilSeen(seen, /10\.88\.0\.1\.67 > 10\.77\.0\.5\.67: /);
    await untilSeen(seen, /10\.77\.0\.5\.67 > 10\.88\.0\.1\.67: /);
    await stopCapture(seen);
    const told = [ip.startsWith('10.88.0.1'), serverid, router].join(' ');
    expect(told === 'true 10.77.0.5 10.88.0.1', `it got ${ip} of ${serverid}, router ${router}`);
    await expectPings(desk, '10.77.0.5');
  });
  await check(lab, 'it keeps its address when it asks again', async () => {
    const [first, second] = [await leaseByDhcp(lab, desk), await leaseByDhcp(lab, desk)];
    expect(first.ip === second.ip, `${first.ip} became ${second.ip}`);
  });
}

async function checkReserved(lab: Lab, guest: Namespace): Promise<void> {
  await check(lab, 'who is called printer is given the address that is reserved for it', async () => {
    const { ip } = await leaseByDhcp(lab, guest, { words: ['-x', 'hostname:printer', '-R'] });
    expect(ip === '10.66.66.50', `it got ${ip}`);
    await inside(guest, ['ip', 'address', 'flush', 'dev', 'eth0']);
  });
}

async function checkKilled(lab: Lab, flowloom: Flowloom, pc: Namespace, pc2: Namespace): Promise<void> {
  const client = await startDhcpClient(lab, pc);
  const before: DhcpLease = client.lease();
  await check(lab, 'Flowloom is killed: the guests go on', async () => {
    signal(flowloom.daemon.identity, 'SIGKILL');
    await until('it is gone', flowloom.daemon.ended);
    await expectPings(pc, '10.66.66.1');
  });
  await check(lab, 'it starts again: the lease is renewed, and its address is nobody else’s', async () => {
    await startAgain(flowloom);
    const renewed = await client.renew();
    expect(renewed.ip === before.ip, `${before.ip} became ${renewed.ip}`);
    const other = await leaseByDhcp(lab, pc2, { words: ['-r', before.ip ?? ''] });
    expect(other.ip !== before.ip, `pc2 got ${other.ip}, too`);
  });
  await client.stop();
}

/** Two of the four addresses are pc's and pc2's; a client's identifier makes another one of the same guest. */
async function checkConflict(lab: Lab, flowloom: Flowloom, rogue: Namespace, pc2: Namespace): Promise<void> {
  const client = (number: number) => ['-x', `0x3d:0100000000000${number}`];
  await check(lab, 'an address that somebody took is not given; when none is left, nobody gets one', async () => {
    const known = (await leases(flowloom)).map(({ address }) => address);
    const taken = POOL.find((address) => !known.includes(address)) ?? '';
    await inside(rogue, ['ip', 'address', 'replace', `${taken}/24`, 'dev', 'eth0']);
    const { ip = '' } = await leaseByDhcp(lab, pc2, { words: [...client(2), '-r', taken] });
    expect(POOL.includes(ip) && ip !== taken, `the other client got ${ip}, of rogue's ${taken}`);
    const declined = (await leases(flowloom)).filter(({ state }) => state === 'declined');
    const mac = await macOf(rogue);
    const isTold = declined.length === 1 && declined[0]?.address === taken && declined[0].mac === mac;
    expect(isTold, 'it is not told of:', () => JSON.stringify(declined));
    await expectNoLease(lab, pc2, { words: client(3) });
  });
}

async function leases(flowloom: Flowloom): Promise<PublishedLease[]> {
  return (await ask(flowloom, '/api/v1/leases')) as PublishedLease[];
}

async function checkPublished(lab: Lab, flowloom: Flowloom, pc: Namespace): Promise<void> {
  await check(lab, 'the API tells of the leases: whose, where, and until when', async () => {
    const all = await leases(flowloom);
    const mac = await macOf(pc);
    const mine = all.find((lease) => lease.mac === mac && lease.state === 'bound');
    const told = () => JSON.stringify(all);
    expect(mine?.segment === 'loc' && mine.switch === 'hv1/br0' && mine.port === 'pc', 'not of pc:', told);
    expect(Date.parse(mine?.expires ?? '') > Date.now(), 'it has ended:', told);
  });
}

async function checkAdvertised(lab: Lab, ...guests: Namespace[]): Promise<void> {
  for (const guest of guests) {
    await check(
      lab,
      `${guest.name} asks for routers, has an address of the prefix and a default route, and reaches the router`,
      async () => {
        await listenForRouters(guest);
        const { address, router } = await untilAdvertised(guest);
        expect(address.startsWith('2001:db8:66:'), `it has ${address}`);
        expect(router.startsWith('fe80::'), `its router is ${router}`);
        const mtu = (await inside(guest, ['sysctl', '-n', 'net.ipv6.conf.eth0.mtu'])).trim();
        expect(mtu === '1450', `the MTU that it was told is ${mtu}`);
        await expectPings(guest, '2001:db8:66::1');
        await expectPings(guest, `${router}%eth0`);
      },
    );
  }
}
