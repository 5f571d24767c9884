/** Cables between switches, as probes found them, and the ports that are closed so that no frame goes round. */
import { plural } from './format.ts';
import type { CableEnd, CableStatus, Snapshot } from './wire.ts';

/** More of either than this are only counted. */
const SHOWN = 64;

export function CableList({ status }: { status: Snapshot }) {
  const { settled, cables, closedPorts } = status.topology;
  const blocked = cables.filter(({ state }) => state === 'blocked').length;
  const ends = new Set(cables.flatMap(({ a, b, state }) => (state === 'blocked' ? [nameOf(a), nameOf(b)] : [])));
  const closed = closedPorts.filter((port) => port.segments !== null || !ends.has(nameOf(port)));
  if (cables.length === 0 && closed.length === 0) return null;
  return (
    <details class="card cables" open={blocked > 0 || closed.length > 0} aria-label="Cables between switches">
      <summary>
        <b>Cables</b>{' '}
        <span class="note">
          {plural(cables.length, 'cable')} between switches
          {blocked > 0 && `, ${blocked} blocked`}
        </span>
      </summary>
      <div class="ports">
        <table>
          <caption class="hidden">Cables between switches</caption>
          <tbody>
            {cables.slice(0, SHOWN).map((cable) => (
              <CableRow key={`${nameOf(cable.a)}/${nameOf(cable.b)}`} cable={cable} />
            ))}
          </tbody>
        </table>
      </div>
      {cables.length > SHOWN && <p class="note">and {cables.length - SHOWN} more: flowloom status --json</p>}
      {closed.slice(0, SHOWN).map((port) => (
        <p class="note" key={nameOf(port)} data-closed={nameOf(port)}>
          Closed{port.segments !== null && ` for ${port.segments.join(', ')}`}: {nameOf(port)}: {port.why}
        </p>
      ))}
      {!settled && (
        <p class="note">Not all switches have been heard since the start: no closed port is opened until then</p>
      )}
    </details>
  );
}

function CableRow({ cable: { a, b, state, loop } }: { cable: CableStatus }) {
  return (
    <tr data-cable={`${nameOf(a)} ${nameOf(b)}`}>
      <td>{nameOf(a)}</td>
      <td>{nameOf(b)}</td>
      <td data-field="state">
        <span class={`state ${state === 'carrying' ? 'good' : 'bad'}`}>{state}</span>
        {state === 'blocked' && (
          <span class="note"> it would close the loop {[...loop, ...loop.slice(0, 1)].join(' – ')}</span>
        )}
      </td>
    </tr>
  );
}

function nameOf({ switch: name, name: port }: CableEnd): string {
  return `${name} · ${port}`;
}
