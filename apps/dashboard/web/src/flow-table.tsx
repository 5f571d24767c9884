/** The table of flows. Only the rows in view are in the document; the table says how many there are in truth. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { FlowRow } from './flow-row.tsx';
import { type Live, useClock } from './live.ts';
import { focusRow, Space } from './row-focus.tsx';
import { useRowWindow } from './row-window.ts';
import { type Selection, type SortKey, sortedBy } from './select.ts';
import type { FlowStatus } from './wire.ts';

interface Props {
  live: Live;
  flows: FlowStatus[];
  selection: Selection;
  change(selection: Selection): void;
  chosen: string | undefined;
  choose(id: string | undefined): void;
}

/** One column may hold two fields, one above the other. */
const COLUMNS: { class: string; keys: [SortKey, string][] }[] = [
  { class: 'switch', keys: [['switch', 'Switch']] },
  { class: 'table', keys: [['table', 'Table']] },
  { class: 'priority', keys: [['priority', 'Priority']] },
  {
    class: 'rule',
    keys: [
      ['match', 'Match'],
      ['actions', 'Actions'],
    ],
  },
  { class: 'app', keys: [['app', 'App']] },
  {
    class: 'why',
    keys: [
      ['intent', 'Intent'],
      ['source', 'Source'],
    ],
  },
  { class: 'packets', keys: [['packets', 'Packets']] },
  { class: 'bytes', keys: [['bytes', 'Bytes']] },
  { class: 'rate', keys: [['packetRate', 'Rate']] },
];

export function FlowTable({ live, flows, selection, change, chosen, choose }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  const { first, last, rowHeight } = useRowWindow(body, flows.length);
  // Rows that moved must go out again, also where nothing more arrives.
  useClock();
  const [wantedFocus, setWantedFocus] = useState<number>();

  // A row that the keyboard goes to may not be drawn yet: scroll first, focus when it is there.
  useEffect(() => {
    if (wantedFocus !== undefined && focusRow(body.current, wantedFocus)) setWantedFocus(undefined);
  });

  // The panel of the chosen flow must not hide its row.
  useEffect(() => {
    body.current?.querySelector('.chosen')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  function goTo(event: KeyboardEvent, index: number): void {
    event.preventDefault();
    const target = Math.max(0, Math.min(flows.length - 1, index));
    if (focusRow(body.current, target)) return;
    const top = (body.current?.getBoundingClientRect().top ?? 0) + scrollY + target * rowHeight;
    scrollTo({ top: top - innerHeight / 2 });
    setWantedFocus(target);
  }

  function keyDown(event: KeyboardEvent): void {
    const row = event.target instanceof Element ? event.target.closest('tr') : null;
    const index = Number(row?.getAttribute('aria-rowindex') ?? Number.NaN) - 2;
    const steps: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + 10,
      PageUp: index - 10,
      Home: 0,
      End: flows.length - 1,
    };
    const target = steps[event.key];
    if (target !== undefined && !Number.isNaN(index)) goTo(event, target);
  }

  return (
    <table class="flow-table" aria-rowcount={flows.length + 1}>
      <caption class="hidden">
        Flows of all switches. Each row's button opens the chart of its rate; the arrow keys go from row to row.
      </caption>
      <thead>
        <tr aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <th key={column.class} class={column.class} scope="col" {...sortState(column.keys, selection)}>
              {column.keys.map(([key, title]) => (
                <button key={key} type="button" data-sort={key} onClick={() => change(sortedBy(selection, key))}>
                  {title}
                  <span aria-hidden="true">{selection.sort === key ? (selection.descending ? ' ▼' : ' ▲') : ''}</span>
                </button>
              ))}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={keyDown}>
        <Space rows={first} rowHeight={rowHeight} />
        {flows.slice(first, last).map((flow, offset) => (
          <FlowRow
            key={flow.id}
            flow={flow}
            index={first + offset + 2}
            movedAt={live.movedAt.get(flow.id) ?? 0}
            series={live.history.series(flow.id)}
            chosen={flow.id === chosen}
            choose={() => choose(flow.id === chosen ? undefined : flow.id)}
          />
        ))}
        <Space rows={flows.length - last} rowHeight={rowHeight} />
      </tbody>
    </table>
  );
}

function sortState(keys: [SortKey, string][], selection: Selection): { 'aria-sort'?: 'ascending' | 'descending' } {
  if (!keys.some(([key]) => key === selection.sort)) return {};
  return { 'aria-sort': selection.descending ? 'descending' : 'ascending' };
}
