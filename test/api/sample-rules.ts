/** Rules, and what routers and DHCP publish, as the API would be given them. */

import type { PublishedStatus, PublishedTopic, RuleStatus } from '../../src/api/snapshot.ts';

export function rule(given: Partial<RuleStatus> & Pick<RuleStatus, 'text' | 'source'>): RuleStatus {
  const { kind = 'firewall', text, source } = given;
  return {
    ...{ id: `${kind} ${text} (${source})`, kind, action: text.split(' ')[0]!, from: null, to: null },
    ...{ packets: 0, bytes: 0, packetRate: 0, bitRate: 0, lastHit: null },
    ...{ flows: 2, switches: ['hv1/br0'], problems: [], counter: null },
    ...given,
  };
}

export function sampleRules(): RuleStatus[] {
  return [
    rule({
      ...{ text: 'masquerade 10.66.66.0/24 out edge/net', source: 'net.yaml:31', kind: 'nat' },
      ...{ packets: 5210, bytes: 4_100_000, packetRate: 12, bitRate: 96_000, counter: '0xf100070000000010' },
      lastHit: '2026-01-01T12:00:00.000Z',
    }),
    rule({
      ...{ text: 'forward tcp 10.88.88.66:8800 to 10.66.66.67:80', source: 'net.yaml:32', kind: 'nat' },
      ...{ packets: 12, bytes: 1040, counter: '0xf100070000000011', lastHit: '2026-01-01T11:59:00.000Z' },
    }),
    rule({
      ...{ text: 'loc to net accept', source: 'net.yaml:36', kind: 'policy', action: 'accept', from: 'loc', to: 'net' },
      ...{ packets: 5100, bytes: 4_000_000, packetRate: 12, bitRate: 96_000, counter: '0xf100050000000020' },
      lastHit: '2026-01-01T12:00:00.000Z',
    }),
    rule({
      ...{
        text: 'all to all reject log notice prefix "stray"',
        source: 'net.yaml:37',
        kind: 'policy',
        action: 'reject',
      },
      ...{ packets: 7, bytes: 420, counter: '0xf100050000000021', lastHit: '2026-01-01T11:00:00.000Z' },
    }),
    rule({
      ...{ text: 'accept ssh from net to fw limit 3/min burst 5', source: 'net.yaml:40', from: 'net', to: 'fw' },
      flows: 4,
    }),
    rule({
      ...{ text: 'accept http from net:@admins to loc:10.66.66.67 log', source: 'net.yaml:41', from: 'net', to: 'loc' },
      ...{ packets: 12, bytes: 1040, counter: '0xf100050000000023', lastHit: '2026-01-01T11:59:00.000Z' },
      problems: ['hv1/br0: firewall: accept http … (net.yaml:41): OFPFMFC_TABLE_FULL'],
    }),
  ];
}

export function samplePublished(): { [T in PublishedTopic]: PublishedStatus[T][] } {
  const at = { switch: 'hv1/br0', router: 'edge' };
  const since = '2026-01-01T11:00:00.000Z';
  return {
    interfaces: [
      {
        ...{ id: 'hv1/br0 edge loc', ...at, name: 'loc', segment: 'loc', addresses: ['10.66.66.1/24'] },
        ...{ mac: '02:00:00:00:00:fe', mtu: 1500, kind: 'static', state: 'up', source: 'net.yaml:20' },
      },
      {
        ...{ id: 'hv1/br0 edge net', ...at, name: 'net', segment: 'net', addresses: [] },
        ...{ mac: '02:00:00:00:00:fe', mtu: null, kind: 'followed', state: 'down', source: 'net.yaml:21' },
      },
    ],
    routes: [
      {
        ...{ id: 'hv1/br0 edge 0.0.0.0/0', ...at, prefix: '0.0.0.0/0', via: '10.88.88.1', interface: 'net' },
        ...{ kind: 'static', state: 'unresolved', source: 'net.yaml:24' },
      },
      {
        ...{ id: 'hv1/br0 edge 10.66.66.0/24', ...at, prefix: '10.66.66.0/24', via: null, interface: 'loc' },
        ...{ kind: 'connected', state: 'active', source: 'net.yaml:20' },
      },
    ],
    neighbours: [
      {
        ...{ id: 'hv1/br0 edge loc 10.66.66.67', ...at, interface: 'loc', address: '10.66.66.67' },
        ...{ mac: '02:00:00:00:00:67', state: 'reachable', since, source: null },
      },
      {
        ...{ id: 'hv1/br0 edge net 10.88.88.1', ...at, interface: 'net', address: '10.88.88.1' },
        ...{ mac: null, state: 'asked', since, source: 'net.yaml:24' },
      },
    ],
    leases: [
      {
        ...{ id: 'loc 10.66.66.100', segment: 'loc', address: '10.66.66.100', mac: '02:00:00:00:01:00' },
        ...{ hostname: 'laptop', clientId: null, state: 'bound', expires: '2026-01-01T13:00:00.000Z' },
        ...{ switch: 'hv1/br0', port: 'web1', source: 'net.yaml:50' },
      },
      {
        ...{ id: 'loc 10.66.66.67', segment: 'loc', address: '10.66.66.67', mac: '02:00:00:00:00:67' },
        ...{ hostname: null, clientId: null, state: 'reserved', expires: null },
        ...{ switch: null, port: null, source: 'net.yaml:50' },
      },
    ],
  };
}
