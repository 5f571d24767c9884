/** One flow: what it matches and does, why it exists, and how much went through it. */
import { AppName } from './app-name.tsx';
import { formatBytes, formatCount } from './format.ts';
import type { Series } from './history.ts';
import { RateCell } from './rate-cell.tsx';
import type { FlowStatus } from './wire.ts';

interface Props {
  flow: FlowStatus;
  /** aria-rowindex: the header is 1. */
  index: number;
  /** When its packets last rose; 0: not since the page was opened. */
  movedAt: number;
  series: Series | undefined;
  chosen: boolean;
  choose(): void;
}

/** A row that moved this recently is lit. */
const LIT = 1_500;

export function FlowRow({ flow, index, movedAt, series, chosen, choose }: Props) {
  const now = Date.now();
  const lit = now - movedAt < LIT;
  const classes = [
    lit ? 'lit' : '',
    flow.packetRate > 0 ? 'moving' : '',
    flow.app === null ? 'foreign' : '',
    chosen ? 'chosen' : '',
    flow.packets === 0 ? 'unused' : '',
  ];
  const match = flow.match === '' ? 'everything' : flow.match;
  return (
    <tr
      class={classes.filter(Boolean).join(' ')}
      aria-rowindex={index}
      data-flow-id={flow.id}
      onClick={(event) => {
        // The row's own button tells by itself; selecting text is not choosing.
        const inButton = event.target instanceof Element && event.target.closest('button') !== null;
        if (!inButton && getSelection()?.isCollapsed !== false) choose();
      }}
    >
      <td class="switch" data-field="switch">
        {flow.switch}
      </td>
      <td class="table">
        <span data-field="tableName" title={flow.tableName}>
          {flow.tableName}
        </span>
        {flow.tableName !== `${flow.table}` && (
          <small data-field="table" data-value={flow.table}>
            {flow.table}
          </small>
        )}
      </td>
      <td class="priority" data-field="priority" data-value={flow.priority}>
        {flow.priority}
      </td>
      <td class="rule">
        <button
          type="button"
          aria-expanded={chosen}
          title={match}
          onClick={choose}
          data-field="match"
          data-value={flow.match}
        >
          {match}
        </button>
        <code data-field="actions" data-value={flow.actions} title={flow.actions}>
          {flow.actions === '' ? 'drop' : flow.actions}
        </code>
      </td>
      <td class="app" data-field="app">
        <AppName name={flow.app} />
      </td>
      <td class="why">
        <span data-field="intent" title={flow.intent ?? undefined}>
          {flow.intent ?? (flow.app === null ? 'not of this Flowloom' : '')}
        </span>
        <small data-field="source" title={flow.source ?? undefined}>
          {flow.source?.replace(/^.*\//, '') ?? ''}
        </small>
      </td>
      <td class="packets number" data-field="packets" data-value={flow.packets} title={`${flow.packets}`}>
        {formatCount(flow.packets)}
      </td>
      <td class="bytes number" data-field="bytes" data-value={flow.bytes} title={`${flow.bytes}`}>
        {formatBytes(flow.bytes)}
      </td>
      <RateCell packetRate={flow.packetRate} bitRate={flow.bitRate} series={series} />
    </tr>
  );
}
