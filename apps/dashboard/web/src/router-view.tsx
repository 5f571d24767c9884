/** Routers: their interfaces, routes, and whom they know on their segments. */
import { formatAge } from './format.ts';
import { type Live, useClock } from './live.ts';
import { type Column, PlainTable, State } from './plain-table.tsx';
import { lineOf } from './rule-row.tsx';
import { Section } from './section.tsx';
import type { NeighbourStatus, RouterInterfaceStatus, RouteStatus } from './wire.ts';

const EXAMPLE = `routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.66.66.1/24 }
      net: { segment: net, address: 10.88.88.66/24 }
    routes:
      - default via 10.88.88.1`;

const INTERFACES: Column<RouterInterfaceStatus>[] = [
  { title: 'Interface', field: 'name', cell: ({ router, name }) => <b>{`${router}/${name}`}</b> },
  { title: 'State', field: 'state', cell: ({ state }) => <State is={state} good={['up']} bad={['down']} /> },
  { title: 'Segment', field: 'segment', cell: ({ segment }) => <span class="chip plain">{segment}</span> },
  {
    title: 'Addresses',
    field: 'addresses',
    cell: ({ addresses, kind }) => (
      <>
        {addresses.length === 0 ? 'none yet ' : addresses.map((address) => <code key={address}>{address} </code>)}
        {kind === 'followed' && <span class="note">follows the host</span>}
      </>
    ),
  },
  { title: 'MAC', field: 'mac', cell: ({ mac }) => <code>{mac}</code> },
  { title: 'MTU', field: 'mtu', cell: ({ mtu }) => mtu ?? '–' },
  { title: 'Switch', field: 'switch', cell: (row) => row.switch },
  { title: 'Line', field: 'line', cell: ({ source }) => <span title={source}>{lineOf(source)}</span> },
];

const ROUTES: Column<RouteStatus>[] = [
  { title: 'Router', field: 'router', cell: ({ router }) => router },
  { title: 'Destination', field: 'prefix', cell: ({ prefix }) => <code>{prefix}</code> },
  {
    title: 'By',
    field: 'via',
    cell: ({ via, interface: name }) => (
      <>
        {via !== null && <code>{via} </code>}
        {name !== null && <span class="note">{name}</span>}
      </>
    ),
  },
  { title: 'Kind', field: 'kind', cell: ({ kind }) => kind },
  { title: 'State', field: 'state', cell: ({ state }) => <State is={state} good={['active']} bad={['unresolved']} /> },
  { title: 'Line', field: 'line', cell: ({ source }) => <span title={source}>{lineOf(source)}</span> },
];

export function RouterView({ live }: { live: Live }) {
  const now = useClock();
  const { interfaces, routes, neighbours } = live.rows;
  if (interfaces.size + routes.size + neighbours.size === 0) {
    return live.known.has('interfaces') ? (
      <div class="card empty-state">
        <p>No router runs. One joins segments, and looks like this:</p>
        <pre>{EXAMPLE}</pre>
      </div>
    ) : null;
  }
  const columns: Column<NeighbourStatus>[] = [
    { title: 'Address', field: 'address', cell: ({ address }) => <code>{address}</code> },
    { title: 'MAC', field: 'mac', cell: ({ mac }) => (mac === null ? '–' : <code>{mac}</code>) },
    {
      title: 'State',
      field: 'state',
      cell: ({ state }) => <State is={state} good={['reachable']} bad={['failed']} />,
    },
    { title: 'Interface', field: 'interface', cell: (row) => `${row.router}/${row.interface}` },
    { title: 'Heard', field: 'since', cell: (row) => heard(row, now) },
    { title: 'Switch', field: 'switch', cell: (row) => row.switch },
  ];
  return (
    <>
      <Section title="Interfaces" note="of all routers" count={interfaces.size}>
        <PlainTable label="Interfaces of routers" rows={[...interfaces.values()]} columns={INTERFACES} />
      </Section>
      <Section title="Routes" note="the longest prefix decides" count={routes.size}>
        <PlainTable label="Routes" rows={sorted(routes)} columns={ROUTES} />
      </Section>
      <Section title="Neighbours" note="who is known on the routers' segments" count={neighbours.size}>
        {neighbours.size === 0 ? (
          <p class="empty">Nobody is known yet: a router learns who answers it, or talks to it.</p>
        ) : (
          <PlainTable label="Neighbours" rows={sorted(neighbours)} columns={columns} />
        )}
      </Section>
    </>
  );
}

/** Who does not answer has been asked for so long. */
function heard({ state, since }: NeighbourStatus, now: number): string {
  const age = formatAge(now - Date.parse(since));
  return state === 'reachable' || state === 'stale' ? `${age} ago` : `not for ${age}`;
}

const collator = new Intl.Collator('en', { numeric: true });

/** What came later stands where it belongs. */
function sorted<R extends { id: string }>(rows: ReadonlyMap<string, R>): R[] {
  return [...rows.values()].sort((one, other) => collator.compare(one.id, other.id));
}
