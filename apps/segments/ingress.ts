/** Where a packet comes from: port and tag, or tunnel and VNI, become segment and zone; spoofed ones end here. */

import { type AppFlow, actions, addressClaims, drop, flow, goto, move, next, popVlan, set } from '../../src/index.ts';
import { antiSpoof } from './anti-spoof.ts';
import type { Member, SelfPort, Site, SiteRouter, SiteSegment } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

const UNTAGGED = 0;
/** vlan_vid carries this bit where there is a tag. */
const TAGGED = 0x1000;

export function classifyFlows(site: Site): Flows {
  const flows: Flows = site.ports.map(({ number, port }) => {
    const self = site.selves.find((each) => each.alone && each.number === number);
    const text =
      self === undefined ? `port ${port.name}, in no segment` : `port ${port.name}, router ${self.router} itself`;
    return [
      `port ${port.name}`,
      flow({
        priority: 100,
        match: { inPort: number },
        actions: port.vlans === undefined && self === undefined ? [goto('miss')] : [next()],
        intent: { text: port.vlans === undefined ? text : `port ${port.name}`, source: port.source },
      }),
    ];
  });
  for (const number of site.tunnels) {
    flows.push([
      `tunnel ${number}`,
      flow({
        priority: 100,
        match: { inPort: number },
        actions: actions(set({ fromTunnel: 1 }), next()),
        intent: 'what comes out of a tunnel',
      }),
    ]);
  }
  flows.push(['miss', flow({ priority: 0, match: {}, actions: drop(), intent: 'ports that the file does not name' })]);
  return flows;
}

export function vlanInFlows(site: Site): Flows {
  const flows: Flows = [...site.segments.flatMap(segmentIn), ...site.selves.flatMap(selfIn)];
  flows.push([
    'miss',
    flow({ priority: 0, match: {}, actions: drop(), intent: 'tags and VNIs that belong to no segment of the port' }),
  ]);
  return flows;
}

function segmentIn(site: SiteSegment): Flows {
  const { segment, zone, members, tunnel } = site;
  const enter = actions(set({ segment: segment.id, ingressZone: zone }), next());
  const flows: Flows = members.flatMap((member) => memberIn(segment.name, segment.vlan ?? 0, enter, member));
  if (tunnel === undefined) return flows;
  for (const number of tunnel.numbers) {
    flows.push([
      `${segment.name} tunnel ${number}`,
      flow({
        priority: 100,
        match: { inPort: number, tunnelId: BigInt(tunnel.vni) },
        actions: actions(move('tunIpv4Src', 'tunnelPeer'), enter),
        intent: { text: `segment ${segment.name} from the tunnel, VNI ${tunnel.vni}`, source: segment.source },
      }),
    ]);
  }
  return flows;
}

/** In no segment, and in no firewall zone but the router's own. */
function selfIn({ number, name, alone, router, source }: SelfPort): Flows {
  if (!alone) return [];
  return [
    [
      `self ${name}`,
      flow({
        priority: 100,
        match: { inPort: number, vlanVid: UNTAGGED },
        actions: [next()],
        intent: { text: `from router ${router} itself, at port ${name}`, source },
      }),
    ],
  ];
}

function memberIn(segment: string, vlan: number, enter: AppFlow['actions'], member: Member): Flows {
  const { number, name, form, source } = member;
  const key = `${segment} ${form} ${number}`;
  const intent = { text: `segment ${segment} from port ${name} (${form})`, source };
  const untagged: Flows[number] = [
    key,
    flow({ priority: 100, match: { inPort: number, vlanVid: UNTAGGED }, actions: enter, intent }),
  ];
  const tagged = (as: string): Flows[number] => [
    as,
    flow({ priority: 100, match: { inPort: number, vlanVid: TAGGED | vlan }, actions: [popVlan(), ...enter], intent }),
  ];
  switch (form) {
    case 'access':
    case 'native':
      return [untagged];
    case 'tagged':
      return [tagged(key)];
    case 'native-tagged':
      return [untagged, tagged(`${key} with its tag`)];
    case 'tunnelled':
      return [[key, flow({ priority: 90, match: { inPort: number }, actions: enter, intent })]];
  }
}

export function admitFlows(site: Site): Flows {
  const flows: Flows = [
    [
      'multicast source',
      flow({
        priority: 150,
        match: { ethSrc: { value: '01:00:00:00:00:00', mask: '01:00:00:00:00:00' } },
        actions: drop(),
        intent: 'no station sends from a group address',
      }),
    ],
  ];
  for (const router of site.routers) {
    const { mac, name, here, source } = router;
    const intent = { text: `nobody but router ${name} uses its MAC`, source };
    if (here) flows.push([`router ${name}`, flow({ priority: 150, match: { ethSrc: mac }, actions: drop(), intent })]);
    else {
      for (const { number, port } of site.ports) {
        if (port.vlans === undefined || port.vlans.mode === 'trunk') continue;
        flows.push([
          `router ${name} ${number}`,
          flow({ priority: 150, match: { inPort: number, ethSrc: mac }, actions: drop(), intent }),
        ]);
      }
      flows.push(...claimFlows(router));
    }
  }
  for (const self of site.selves) if (!self.alone) flows.push(...sharedMac(site, self));
  for (const { number, port } of site.ports) if (port.vlans !== undefined) flows.push(...antiSpoof(number, port));
  return flows;
}

/** An address of a router on another host is its own: where it lives it is told of who claims it, here nobody hears that. */
function claimFlows({ name, mac, addresses }: SiteRouter): Flows {
  return addresses.flatMap(({ segment, address, source }) =>
    addressClaims(address).flatMap((claim, i): Flows => {
      const key = `router ${name} ${segment} ${address} ${i}`;
      const intent = { text: `${address} is router ${name}'s: a station that claims it is not believed`, source };
      const match = { segment, ...claim };
      return [
        [`${key} itself`, { priority: 141, match: { ...match, ethSrc: mac }, actions: [next()], intent }],
        [key, { priority: 140, match, actions: drop(), intent }],
      ];
    }),
  );
}

/** The router and the host at its port `self` have one MAC there, and nobody else has it. */
function sharedMac(site: Site, self: SelfPort): Flows {
  const text = `nobody but port ${self.name} and router ${self.router} uses the MAC of ${self.name}`;
  return site.ports.flatMap(({ number, port }): Flows => {
    if (number === self.number || port.vlans === undefined) return [];
    return [
      [
        `self ${self.name} ${number}`,
        flow({
          priority: 150,
          match: { inPort: number, ethSrc: self.mac },
          actions: drop(),
          intent: { text, source: self.source },
        }),
      ],
    ];
  });
}
