/** One rule: its line and text, what it does, and how much it decided. */
import { formatAge, formatBytes, formatCount } from './format.ts';
import type { Series } from './history.ts';
import { RateCell } from './rate-cell.tsx';
import type { RuleStatus } from './wire.ts';

interface Props {
  rule: RuleStatus;
  /** aria-rowindex: the header is 1. */
  index: number;
  /** When its packets last rose; 0: not since the page was opened. */
  movedAt: number;
  series: Series | undefined;
  sides: { outside: string; inside: string } | undefined;
  chosen: boolean;
  choose(): void;
}

/** A row that moved this recently is lit. */
const LIT = 1_500;

/** What lets packets pass is told from what does not. */
const REFUSES: ReadonlySet<string> = new Set(['drop', 'reject']);

/** What was counted before Flowloom began to look has no time. */
function lastHit({ lastHit: at, packets }: RuleStatus, now: number): string {
  if (at !== null) return `${formatAge(now - Date.parse(at))} ago`;
  return packets === 0 ? 'never' : 'earlier';
}

export function RuleRow({ rule, index, movedAt, series, sides, chosen, choose }: Props) {
  const now = Date.now();
  const classes = [
    now - movedAt < LIT ? 'lit' : '',
    rule.packetRate > 0 ? 'moving' : '',
    chosen ? 'chosen' : '',
    rule.packets === 0 ? 'unused' : '',
  ];
  return (
    <tr
      class={classes.filter(Boolean).join(' ')}
      aria-rowindex={index}
      data-rule={rule.source}
      onClick={(event) => {
        // The row's own button tells by itself; selecting text is not choosing.
        const inButton = event.target instanceof Element && event.target.closest('button') !== null;
        if (!inButton && getSelection()?.isCollapsed !== false) choose();
      }}
    >
      <td class="line" data-field="line" title={rule.source}>
        {lineOf(rule.source)}
      </td>
      <td class="action" data-field="action">
        <span class={`state ${REFUSES.has(rule.action) ? 'bad' : 'good'}`}>{rule.action}</span>
      </td>
      <td class="rule">
        <button type="button" aria-expanded={chosen} title={rule.text} onClick={choose} data-field="text">
          {rule.text}
        </button>
        {rule.problems.length > 0 && <small class="bad">refused: {rule.problems[0]}</small>}
        {rule.problems.length === 0 && rule.flows === 0 && <small>no flows stand for it</small>}
      </td>
      {sides !== undefined && (
        <td class="sides" data-field="sides">
          <code>{sides.outside}</code> → <code>{sides.inside}</code>
        </td>
      )}
      <td class="packets number" data-field="packets" data-value={rule.packets} title={`${rule.packets}`}>
        {formatCount(rule.packets)}
      </td>
      <td class="bytes number" data-field="bytes" data-value={rule.bytes} title={`${rule.bytes}`}>
        {formatBytes(rule.bytes)}
      </td>
      <RateCell packetRate={rule.packetRate} bitRate={rule.bitRate} series={series} />
      <td class="hit number" data-field="lastHit" title={rule.lastHit ?? undefined}>
        {lastHit(rule, now)}
      </td>
    </tr>
  );
}

/** `12` of `/etc/flowloom/net.yaml:12`. */
export function lineOf(source: string): string {
  return /:(\d+)(?::\d+)?$/.exec(source)?.[1] ?? source;
}
