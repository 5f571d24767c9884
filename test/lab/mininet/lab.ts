// Debian's Mininet on its own Open vSwitch, with Flowloom as its remote controller: a tree, and a ring of switches.
import { join } from 'node:path';
import { check, expect } from '../support/check.ts';
import { type Daemon, outputOf, startDaemon } from '../support/daemon.ts';
import { type Flowloom, startWithoutFile, status } from '../support/flowloom.ts';
import { type OpenVSwitch, startOpenVSwitch } from '../support/host.ts';
import { createNamespace, type Lab, type LabDefinition } from '../support/lab.ts';
import { until } from '../support/wait.ts';

/** Seconds that a network may take to come up, be pinged through and go. */
const LONGEST = 90;

export const lab: LabDefinition = {
  title: "Debian's mn with Flowloom as its remote controller: pingall over a tree and over a ring",
  async run(lab) {
    const machine = await createNamespace(lab, 'mn');
    const host = await startOpenVSwitch(lab, machine);
    const flowloom = await startWithoutFile(lab, machine);
    await check(lab, 'a tree of depth 2: pingall, 0% dropped', async () => {
      const mn = start(lab, host, 'tree', ['--topo', 'tree,depth=2,fanout=2']);
      await finished(mn, 12);
    });
    await checkRing(lab, host, flowloom);
  },
};

/**
 * Mininet ends its predecessors by killall, pkill and rm /tmp/*.log: it sees no process and no /tmp but its own. Open
 * vSwitch's sockets, which lie in the lab's folder, are shown to it elsewhere.
 */
function start(lab: Lab, host: OpenVSwitch, name: string, topology: string[]): Daemon {
  const prepare = [
    'set -e',
    'mount -t tmpfs tmpfs /mnt',
    'mkdir /mnt/ovs /mnt/lab',
    'mount --bind "$1" /mnt/ovs',
    'mount --bind "$2" /mnt/lab',
    'mount -t tmpfs tmpfs /tmp',
    // Each of its hosts has a terminal, of which some containers have none.
    'if ! [ -e /dev/pts/ptmx ]; then',
    '  mount -t devpts devpts /dev/pts -o newinstance,ptmxmode=0666,mode=620',
    '  mount --bind /dev/pts/ptmx /dev/ptmx',
    'fi',
    'shift 2',
    'cd /tmp',
    'export OVS_RUNDIR=/mnt/ovs',
    'exec /usr/bin/python3 /usr/bin/mn "$@"',
  ].join('\n');
  const isolated = [
    'unshare',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount',
    '--mount-proc',
    '--propagation',
    'private',
  ];
  const words = [
    ...['--controller', 'remote,ip=127.0.0.1,port=6653', '--switch', 'ovs,protocols=OpenFlow14,datapath=user'],
    ...[...topology, '--wait', '--test', 'pingall'],
  ];
  const shell = ['sh', '-c', prepare, 'mn', host.folder, lab.source];
  return startDaemon(lab, `mn-${name}`, host.namespace, [...isolated, ...shell, ...words]);
}

async function finished(mn: Daemon, pings: number): Promise<void> {
  const { code } = await until('mn ends', mn.ended, LONGEST);
  const text = outputOf(mn);
  const all = text.includes(`*** Results: 0% dropped (${pings}/${pings} received)`);
  expect(code === 0 && all, `mn ended with ${code}:`, () => text.slice(-2000));
}

async function checkRing(lab: Lab, host: OpenVSwitch, flowloom: Flowloom): Promise<void> {
  let mn: Daemon | undefined;
  await check(lab, 'a ring of three: one cable is blocked', async () => {
    mn = start(lab, host, 'ring', ['--custom', join('/mnt/lab', 'ring.py'), '--topo', 'ring']);
    const seen = async () => {
      const { cables } = (await status(flowloom)).topology;
      return cables.length === 3 && cables.filter(({ state }) => state === 'blocked').length === 1;
    };
    await until('two cables carry, one waits', seen, LONGEST);
  });
  await check(lab, 'and pingall, 0% dropped', async () => {
    expect(mn !== undefined, 'mn was not started');
    await finished(mn, 6);
  });
}
