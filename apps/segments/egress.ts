/** Where a packet goes: to the port that was learned, or to all of its segment; tags and tunnels are put on last. */

import {
  type AppFlow,
  type AppGroup,
  actions,
  addressNumber,
  drop,
  ETHER_TYPE,
  flow,
  goto,
  group,
  move,
  output,
  pushVlan,
  resubmit,
  set,
} from '../../src/index.ts';
import type { Member, SelfPort, Site, SiteSegment } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

export function entryFlows(): Flows {
  return [
    [
      'bridge control',
      flow({
        priority: 110,
        match: { ethDst: { value: '01:80:c2:00:00:00', mask: 'ff:ff:ff:ff:ff:f0' } },
        actions: drop(),
        intent: 'no bridge control frames',
      }),
    ],
    [
      'group address',
      flow({
        priority: 100,
        match: { ethDst: { value: '01:00:00:00:00:00', mask: '01:00:00:00:00:00' } },
        actions: [goto('flood')],
        intent: 'broadcast and multicast go to the whole segment',
      }),
    ],
    [
      'look up',
      flow({
        priority: 0,
        match: {},
        actions: actions(set({ outPort: 0 }), resubmit('learned'), goto('decide')),
        intent: 'look for the station where it was learned',
      }),
    ],
  ];
}

export function decideFlows(site: Site): Flows {
  const flows: Flows = site.tunnels.map((number) => [
    `tunnel ${number}`,
    flow({
      priority: 100,
      match: { fromTunnel: 1, outPort: number },
      actions: drop(),
      intent: 'never from tunnel to tunnel (split horizon)',
    }),
  ]);
  flows.push(
    [
      'unknown',
      flow({
        priority: 50,
        match: { outPort: 0 },
        actions: [goto('flood')],
        intent: 'an unknown station: to the whole segment',
      }),
    ],
    ['known', flow({ priority: 0, match: {}, actions: [goto('bridged-firewall')], intent: 'a known station' })],
  );
  return flows;
}

export function floodFlows(site: Site): Flows {
  const flows: Flows = site.segments.flatMap((each): Flows => {
    const { segment, tunnel } = each;
    const intent = { text: `flood segment ${segment.name}`, source: segment.source };
    const groups = groupsOf(each);
    const into = (kind: 'all' | 'local') =>
      actions(set({ flooded: 1 }), ...(groups[kind] ?? []).map(([key]) => group(key)));
    const all: Flows[number] = [
      `all ${segment.name}`,
      flow({ priority: 50, match: { segment: segment.id }, actions: into('all'), intent }),
    ];
    if (tunnel === undefined) return [all];
    const match = { fromTunnel: 1, segment: segment.id };
    return [all, [`local ${segment.name}`, flow({ priority: 100, match, actions: into('local'), intent })]];
  });
  flows.push(['miss', flow({ priority: 0, match: {}, actions: drop(), intent: 'floods of no segment' })]);
  return flows;
}

/** Each bucket works on a copy of the packet, so no port's tag leaks into the next. */
export function floodGroups(site: Site): [key: string, group: AppGroup][] {
  return site.segments.flatMap((each) => {
    const { all, local } = groupsOf(each);
    return [...all, ...(local ?? [])];
  });
}

type Groups = [key: string, group: AppGroup][];
type Bucket = AppGroup['buckets'][number];

/** Where floods of a segment go: everywhere, and (`local`) from a tunnel to this bridge's own ports. */
function groupsOf({ segment, members, tunnel }: SiteSegment): { all: Groups; local?: Groups } {
  const local = members.map(({ number }) => ({
    actions: actions(set({ outPort: number }), resubmit('bridged-firewall')),
  }));
  if (tunnel === undefined) return { all: inGroups(`all ${segment.name}`, local) };
  const remote = tunnel.ends.map(({ number, peer }) => ({
    actions: actions(set({ outPort: number, tunnelPeer: peerNumber(peer) }), resubmit('bridged-firewall')),
  }));
  return {
    all: inGroups(`all ${segment.name}`, [...local, ...remote]),
    local: inGroups(`local ${segment.name}`, local),
  };
}

/** Some 1,000 buckets of ours fill a message of OpenFlow (64 KiB), and a group must fit into one. */
const MOST_BUCKETS = 700;

function inGroups(key: string, buckets: Bucket[]): Groups {
  const groups: Groups = [[key, { type: 'all', buckets: buckets.slice(0, MOST_BUCKETS) }]];
  for (let from = MOST_BUCKETS; from < buckets.length; from += MOST_BUCKETS) {
    const some = buckets.slice(from, from + MOST_BUCKETS);
    groups.push([`${key} ${groups.length + 1}`, { type: 'all', buckets: some }]);
  }
  return groups;
}

/** An IPv6 peer fits into no register, and needs none: its tunnel port leads to it alone. */
function peerNumber(peer: string): number {
  return peer.includes(':') ? 0 : addressNumber(peer);
}

export function outputFlows(site: Site): Flows {
  const flows: Flows = [...site.segments.flatMap(segmentOut), ...site.selves.flatMap(selfOut)];
  flows.push([
    'miss',
    flow({ priority: 0, match: {}, actions: drop(), intent: 'ports that do not carry the segment' }),
  ]);
  return flows;
}

function segmentOut({ segment, members, tunnel }: SiteSegment): Flows {
  const flows: Flows = members.flatMap((member) => memberOut(segment.name, segment.id, segment.vlan ?? 0, member));
  if (tunnel === undefined) return flows;
  for (const number of tunnel.numbers) {
    flows.push([
      `${segment.name} tunnel ${number}`,
      flow({
        priority: 100,
        match: { outPort: number, segment: segment.id },
        actions: actions(move('tunnelPeer', 'tunIpv4Dst'), set({ tunnelId: BigInt(tunnel.vni) }), output(number)),
        intent: { text: `segment ${segment.name} into the tunnel, VNI ${tunnel.vni}`, source: segment.source },
      }),
    ]);
  }
  return flows;
}

/** What is in no segment goes to a router itself. */
function selfOut({ number, name, alone, router, source }: SelfPort): Flows {
  if (!alone) return [];
  const intent = { text: `to router ${router} itself, at port ${name}`, source };
  const match = { outPort: number, segment: 0 };
  return [[`self ${name}`, flow({ priority: 100, match, actions: [output(number)], intent })]];
}

/** vlan_vid carries this bit where there is a tag. */
const TAGGED = 0x1000;

function memberOut(segment: string, id: number, vlan: number, member: Member): Flows {
  const { number, name, form, source } = member;
  const intent = { text: `segment ${segment} to port ${name} (${form})`, source };
  const key = `${segment} ${form} ${number}`;
  const match = { outPort: number, segment: id };
  switch (form) {
    case 'access':
    case 'native':
      return [[key, flow({ priority: 100, match: { ...match, vlanVid: 0 }, actions: [output(number)], intent })]];
    case 'tunnelled':
      return [[key, flow({ priority: 100, match, actions: [output(number)], intent })]];
    case 'tagged':
    case 'native-tagged': {
      const tag = (ethertype: number) => actions(pushVlan(ethertype), set({ vlanVid: TAGGED | vlan }), output(number));
      const tagged = { value: TAGGED, mask: TAGGED };
      return [
        [key, flow({ priority: 100, match: { ...match, vlanVid: 0 }, actions: tag(ETHER_TYPE.vlan), intent })],
        // IEEE 802.1ad: the outer tag of a frame that has one already.
        [
          `${key} twice`,
          flow({ priority: 100, match: { ...match, vlanVid: tagged }, actions: tag(ETHER_TYPE.serviceVlan), intent }),
        ],
      ];
    }
  }
}
