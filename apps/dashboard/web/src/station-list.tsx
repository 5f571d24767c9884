/** Stations as the switches have learned them: where each is, and when it was last heard. Folded until it is asked for. */
import { useState } from 'preact/hooks';
import { formatAge, formatCount, plural } from './format.ts';
import type { Snapshot, StationStatus } from './wire.ts';

/** More stations than this are drawn only on demand. */
const SHOWN = 64;

export function StationList({ status }: { status: Snapshot }) {
  const [open, setOpen] = useState(false);
  const [all, setAll] = useState(false);
  const { stations } = status;
  const elsewhere = status.macTables.filter(({ command }) => command !== null);
  if (stations.length === 0 && elsewhere.length === 0) return null;
  const shown = all ? stations : stations.slice(0, SHOWN);
  return (
    <details
      class="card stations"
      open={open}
      aria-label="Stations"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <b>Stations</b>{' '}
        <span class="note">{plural(stations.length, 'entry', 'entries')} in the switches' MAC tables</span>
      </summary>
      {elsewhere.map(({ switch: name, command }) => (
        <p class="note" key={name}>
          Those of {name} are kept by Open vSwitch itself: <code>{command}</code>
        </p>
      ))}
      {open && stations.length > 0 && (
        <div class="ports">
          <table>
            <caption class="hidden">Stations</caption>
            <thead>
              <tr>
                <th scope="col">Station</th>
                <th scope="col">Addresses</th>
                <th scope="col">Segment</th>
                <th scope="col">Switch and port</th>
                <th scope="col">Heard</th>
                <th scope="col">Forgotten</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((station) => (
                <StationRow key={`${station.dpid}/${station.segment}/${station.mac}`} station={station} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open && shown.length < stations.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {formatCount(stations.length)} entries
        </button>
      )}
    </details>
  );
}

function StationRow({ station }: { station: StationStatus }) {
  const { mac, addresses, segment, switch: name, port, peer, peerHost, age, expires, known } = station;
  return (
    <tr data-station={mac} data-at={name}>
      <th scope="row">
        <code title={known === null ? undefined : `learned ${formatAge(known * 1000)} ago`}>{mac}</code>
      </th>
      <td data-field="addresses">
        {addresses.length === 0 ? '–' : addresses.map((address) => <code key={address}>{address} </code>)}
      </td>
      <td>{segment === null ? '–' : <span class="chip plain">{segment}</span>}</td>
      <td>
        {name} · {port}
        {peer !== null && (
          <span class="note" title={peer}>
            {' '}
            to {peerHost ?? peer}
          </span>
        )}
      </td>
      <td class="number" data-field="age">
        {known === null ? '–' : age === null ? 'not yet' : `${formatAge(age * 1000)} ago`}
      </td>
      <td class="number" data-field="expires">
        {expires === null ? '–' : `in ${formatAge(expires * 1000)}`}
      </td>
    </tr>
  );
}
