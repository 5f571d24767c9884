/** The flows: filters above, the table below. */
import { useMemo } from 'preact/hooks';
import { FlowTable } from './flow-table.tsx';
import { formatCount } from './format.ts';
import type { Live } from './live.ts';
import { everything, FOREIGN, type Selection, selectFlows } from './select.ts';
import type { SwitchStatus } from './wire.ts';

interface Props {
  live: Live;
  switches: SwitchStatus[];
  selection: Selection;
  change(selection: Selection): void;
  chosen: string | undefined;
  choose(id: string | undefined): void;
}

export function FlowSection({ live, switches, selection, change, chosen, choose }: Props) {
  const shown = selectFlows(live.flows.values(), selection);
  const apps = useMemo(
    () => [...new Set([...live.flows.values()].map((flow) => flow.app ?? FOREIGN))].sort(),
    [live.flows.size],
  );
  const filtered = selection.text !== '' || selection.dpid !== '' || selection.app !== '' || selection.movingOnly;
  return (
    <section class="flows" aria-labelledby="flows-title">
      <search class="toolbar">
        <h2 id="flows-title">Flows</h2>
        <input
          type="search"
          aria-label="Filter flows by text"
          placeholder="Filter: words, or -word to leave out"
          value={selection.text}
          onInput={(event) => change({ ...selection, text: event.currentTarget.value })}
        />
        <select
          aria-label="Switch"
          value={selection.dpid}
          onChange={(event) => change({ ...selection, dpid: event.currentTarget.value })}
        >
          <option value="">All switches</option>
          {switches.map((one) => (
            <option key={one.dpid} value={one.dpid}>
              {one.name}
            </option>
          ))}
        </select>
        <select
          aria-label="App"
          value={selection.app}
          onChange={(event) => change({ ...selection, app: event.currentTarget.value })}
        >
          <option value="">All apps</option>
          {apps.map((app) => (
            <option key={app} value={app}>
              {app === FOREIGN ? 'foreign' : app}
            </option>
          ))}
        </select>
        <label class="check">
          <input
            type="checkbox"
            checked={selection.movingOnly}
            onChange={(event) => change({ ...selection, movingOnly: event.currentTarget.checked })}
          />{' '}
          moving
        </label>
        <p class="count" role="status" data-shown={shown.length}>
          {filtered ? `${formatCount(shown.length)} of ${formatCount(live.flows.size)}` : formatCount(live.flows.size)}
        </p>
        {filtered && (
          <button
            type="button"
            onClick={() => change({ ...everything, sort: selection.sort, descending: selection.descending })}
          >
            Show all
          </button>
        )}
      </search>
      <FlowTable live={live} flows={shown} selection={selection} change={change} chosen={chosen} choose={choose} />
      {shown.length === 0 && (
        <p class="empty">{live.flows.size === 0 ? 'No flow on any switch yet.' : 'No flow fits these filters.'}</p>
      )}
    </section>
  );
}
