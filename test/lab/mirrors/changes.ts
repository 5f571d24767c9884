// Settings that change while everything runs: each reload is taken up, read back from Open vSwitch, and then there is peace.
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { check, expect } from '../support/check.ts';
import { type Flowloom, planInForce, reload, status } from '../support/flowloom.ts';
import { appctl, ofctl, vsctl } from '../support/host.ts';
import { inside, type Lab } from '../support/lab.ts';
import { expectPings, startPing, stopPing } from '../support/traffic.ts';
import { until } from '../support/wait.ts';
import type { Machines } from './lab.ts';

// biome-ignore lint/suspicious/noExplicitAny: the file as it is written, which `check` has read before.
type File = any;

interface Change {
  what: string;
  edit: (bridges: File) => void;
  /** What shows it, and what that must be like. */
  seen: () => Promise<string>;
  like: RegExp;
}

export async function checkChanges(lab: Lab, { hv1, a2, b1 }: Machines, flowloom: Flowloom): Promise<void> {
  const get = (...words: string[]) => vsctl(hv1, 'get', ...words);
  const tc = () => inside(hv1.namespace, ['tc', 'class', 'show', 'dev', 'a1']);
  const port = (bridge: string) => vsctl(hv1, 'list-ports', bridge);
  const changes: Change[] = [
    {
      what: 'a queue goes, one comes, a rate rises',
      edit: ({ br0 }) => {
        br0.ports['hv1/a1'].qos.queues = { 0: { maxRate: 5000000 }, 3: { minRate: 200000 } };
      },
      seen: tc,
      like: /^(?=.*1:1 .*ceil 5Mbit)(?=.*1:4 .*rate 200Kbit)(?!.*1:8 )/s,
    },
    {
      what: 'a mirror is renamed and gets another port; one goes',
      edit: ({ br1 }) => {
        br1.mirrors = { 'of-b2': { of: 'hv1/b2', to: 'hv1/tap2' }, far: br1.mirrors.far, farther: br1.mirrors.farther };
      },
      seen: async () => (await vsctl(hv1, '--columns=name', 'list', 'mirror')).replace(/[^a-z0-9-]+/g, ' '),
      like: /^(?=.*of-b2)(?=.*farther)(?!.*(of-b1|into-b1))/s,
    },
    {
      what: 'a tunnel becomes one of another type, with another key',
      edit: ({ br1 }) => {
        br1.ports['hv1/erspan'] = { type: 'geneve', options: { remote_ip: '192.168.50.2', key: 9 } };
      },
      seen: async () => (await appctl(hv1, 'ofproto/list-tunnels')).stdout,
      like: /erspan \(geneve: ::->192\.168\.50\.2, key=0x9,/,
    },
    {
      what: 'an internal port becomes a tap, with another MTU',
      edit: ({ br2 }) => {
        br2.ports['hv1/i1'] = { type: 'tap', access: 'office', mtu: 1300 };
      },
      seen: () => get('interface', 'i1', 'type', 'mtu', 'error'),
      like: /^tap\n1300\n\[\]$/,
    },
    {
      what: 'two ports become a bond',
      edit: ({ br1 }) => {
        delete br1.ports['hv1/w1'];
        delete br1.ports['hv1/w2'];
        delete br1.mirrors.far;
        delete br1.mirrors.farther;
        br1.ports['hv1/both'] = { bond: ['w1', 'w2'], trunk: ['voice'] };
      },
      seen: async () => (await appctl(hv1, 'bond/show', 'both')).stdout,
      like: /(?=.*member w1: )(?=.*member w2: )/s,
    },
    {
      what: 'the bond gets another member instead of one',
      edit: ({ br1 }) => {
        br1.ports['hv1/both'].bond = ['w1', 'b3'];
        delete br1.ports['hv1/b3'];
      },
      seen: async () => (await appctl(hv1, 'bond/show', 'both')).stdout,
      like: /^(?=.*member w1: )(?=.*member b3: )(?!.*member w2: )/s,
    },
    {
      what: 'a port moves to another bridge, and its VLAN is another',
      edit: ({ br0, br1 }) => {
        br0.ports['hv1/watch'] = { access: 'voice' };
        delete br1.ports['hv1/watch'];
      },
      seen: async () => `${await port('br0')}\n-\n${await port('br1')}`,
      like: /^(?=[^-]*watch)(?!.*-.*watch)/s,
    },
    {
      what: 'rapid spanning tree becomes the plain one; fail mode, versions, aging and datapath id are others',
      edit: ({ br2 }) => {
        Object.assign(br2, { stp: true, failMode: 'standalone', protocols: ['OpenFlow13'], macAging: 90 });
        Object.assign(br2, { datapathId: '00000000000000b3' });
        delete br2.rstp;
      },
      seen: () =>
        get('bridge', 'br2', 'stp_enable', 'rstp_enable', 'fail_mode', 'protocols', 'datapath_id', 'other_config'),
      like: /^true\nfalse\nstandalone\n\[OpenFlow13\]\n"?00000000000000b3"?\n.*mac-aging-time="90"/,
    },
    {
      what: 'NetFlow gets a second collector; IPFIX goes, sFlow comes',
      edit: ({ br0, br1 }) => {
        br0.columns.netflow = { targets: ['10.250.0.1:2055', '10.250.0.1:2056'] };
        br1.columns = { sflow: { targets: ['10.250.0.1:6343'], sampling: 7, agent: 'mgmt0' } };
      },
      seen: async () => `${await vsctl(hv1, 'list', 'netflow')} ${await get('bridge', 'br1', 'ipfix', 'sflow')}`,
      like: /^(?=.*10\.250\.0\.1:2056)(?!.*engine_id +: 7)(?=.*\[\]\n\S{36})/s,
    },
    {
      what: 'a number of a port changes',
      edit: ({ br0 }) => {
        br0.ports['hv1/a1'].ofport = 51;
      },
      seen: () => ofctl(hv1, 'show', `unix:${hv1.folder}/br0.mgmt`),
      like: / 51\(a1\)/,
    },
  ];
  const pings = [await startPing(lab, a2, '10.1.0.3', 0.05), await startPing(lab, b1, '10.3.0.2', 0.05)];
  const before = readFileSync(flowloom.file, 'utf8');
  const file = parse(before) as File;
  for (const { what, edit, seen, like } of changes) {
    await check(lab, `a reload: ${what}`, async () => {
      expect(!like.test(await seen()), 'it is so already');
      edit(file.bridges);
      reload(flowloom, stringify(file));
      await untilSo(`it shows ${like}`, seen, like);
      await untilQuiet(flowloom);
    });
  }
  await check(lab, 'and all the way back, and no ping was lost between ports that stayed', async () => {
    reload(flowloom, before);
    await untilSo('the old queues', tc, /1:8 /);
    await untilQuiet(flowloom);
    for (const each of pings) await stopPing(each);
    await expectPings(a2, '10.1.0.3');
    // The port of `a1` was made anew with its old number: like every new one it is closed until it is known what is behind.
    await until('a1 is reached at its port again', async () => {
      await expectPings(a2, '10.1.0.1', { count: 1 });
      return true;
    });
  });
}

function untilSo(what: string, seen: () => Promise<string>, like: RegExp): Promise<true> {
  return until(what, async () => {
    const text = await seen();
    if (!like.test(text)) throw new Error(text);
    return true;
  });
}

/** Nothing is refused, waits, or is left to be done; nothing was taken for drift. */
async function untilQuiet(flowloom: Flowloom): Promise<void> {
  await until('nothing is to be changed', async () => {
    const { hosts, unknown } = await planInForce(flowloom);
    const { hosts: told, file } = await status(flowloom);
    const changes = hosts.flatMap((host) => [...host.changes, ...host.refused]);
    const bad = told.flatMap((host) =>
      [...host.warnings, ...host.waiting, ...host.drift.recent, host.error ?? []].flat(),
    );
    if (changes.length + unknown.length + bad.length > 0 || file?.error !== null) {
      throw new Error(JSON.stringify({ changes, unknown, bad, file }));
    }
    return true;
  });
}
