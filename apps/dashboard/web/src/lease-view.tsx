/** Leases: which addresses DHCP gave to whom, and until when. */
import { formatAge } from './format.ts';
import { type Live, useClock } from './live.ts';
import { type Column, PlainTable, State } from './plain-table.tsx';
import { Section } from './section.tsx';
import type { LeaseStatus } from './wire.ts';

const EXAMPLE = `dhcp:
  loc: { range: 10.66.66.100-10.66.66.200, router: 10.66.66.1 }`;

const collator = new Intl.Collator('en', { numeric: true });

export function LeaseView({ live }: { live: Live }) {
  const now = useClock();
  const leases = [...live.rows.leases.values()].sort((one, other) => collator.compare(one.id, other.id));
  if (leases.length === 0) {
    return live.known.has('leases') ? (
      <div class="card empty-state">
        <p>No address was given out. A segment gets DHCP like this:</p>
        <pre>{EXAMPLE}</pre>
      </div>
    ) : null;
  }
  const columns: Column<LeaseStatus>[] = [
    { title: 'Address', field: 'address', cell: ({ address }) => <code>{address}</code> },
    {
      title: 'State',
      field: 'state',
      cell: ({ state }) => <State is={state} good={['bound']} bad={['declined']} />,
    },
    { title: 'Name', field: 'hostname', cell: ({ hostname }) => hostname ?? '–' },
    {
      title: 'MAC',
      field: 'mac',
      cell: ({ mac, clientId }) => <code title={clientId === null ? undefined : `client ${clientId}`}>{mac}</code>,
    },
    { title: 'Segment', field: 'segment', cell: ({ segment }) => <span class="chip plain">{segment}</span> },
    {
      title: 'Switch and port',
      field: 'port',
      cell: (row) => (row.switch === null ? '–' : `${row.switch} · ${row.port ?? '?'}`),
    },
    {
      title: 'Ends',
      field: 'expires',
      cell: ({ expires }) => <span title={expires ?? undefined}>{describeEnd(expires, now)}</span>,
    },
  ];
  return (
    <Section title="Leases" note="as DHCP gave them out" count={leases.length}>
      <PlainTable label="Leases" rows={leases} columns={columns} />
    </Section>
  );
}

function describeEnd(expires: string | null, now: number): string {
  if (expires === null) return 'never';
  const left = Date.parse(expires) - now;
  return left > 0 ? `in ${formatAge(left)}` : `${formatAge(-left)} ago`;
}
