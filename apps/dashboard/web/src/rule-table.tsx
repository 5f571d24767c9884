/** Rules in the order of the file, with what each counted. Only the rows in view are in the document. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Live, useClock } from './live.ts';
import { focusRow, Space } from './row-focus.tsx';
import { useRowWindow } from './row-window.ts';
import { RuleRow } from './rule-row.tsx';
import type { RuleStatus } from './wire.ts';

interface Props {
  live: Live;
  /** What it lists, for who does not see it. */
  label: string;
  rules: RuleStatus[];
  chosen: string | undefined;
  choose(id: string | undefined): void;
  /** Of NAT: the public side of a rule, and the inside. */
  sides?(rule: RuleStatus): { outside: string; inside: string };
}

export function RuleTable({ live, label, rules, chosen, choose, sides }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  const { first, last, rowHeight } = useRowWindow(body, rules.length);
  useClock();
  const [wantedFocus, setWantedFocus] = useState<number>();

  // A row that the keyboard goes to may not be drawn yet: scroll first, focus when it is there.
  useEffect(() => {
    if (wantedFocus !== undefined && focusRow(body.current, wantedFocus)) setWantedFocus(undefined);
  });

  function keyDown(event: KeyboardEvent): void {
    const row = event.target instanceof Element ? event.target.closest('tr') : null;
    const index = Number(row?.getAttribute('aria-rowindex') ?? Number.NaN) - 2;
    const steps: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      Home: 0,
      End: rules.length - 1,
    };
    const wanted = steps[event.key];
    if (wanted === undefined || Number.isNaN(index)) return;
    event.preventDefault();
    const target = Math.max(0, Math.min(rules.length - 1, wanted));
    if (focusRow(body.current, target)) return;
    const top = (body.current?.getBoundingClientRect().top ?? 0) + scrollY + target * rowHeight;
    scrollTo({ top: top - innerHeight / 2 });
    setWantedFocus(target);
  }

  return (
    <table class="flow-table rule-table" aria-rowcount={rules.length + 1}>
      <caption class="hidden">{label}. Each row's button opens its chart; the arrow keys go from row to row.</caption>
      <thead>
        <tr aria-rowindex={1}>
          <th class="line">Line</th>
          <th class="action">Action</th>
          <th class="rule">Rule</th>
          {sides !== undefined && <th class="sides">Public → inside</th>}
          <th class="packets">Packets</th>
          <th class="bytes">Bytes</th>
          <th class="rate">Rate</th>
          <th class="hit">Last hit</th>
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={keyDown}>
        <Space rows={first} rowHeight={rowHeight} />
        {rules.slice(first, last).map((rule, offset) => (
          <RuleRow
            key={rule.id}
            rule={rule}
            index={first + offset + 2}
            movedAt={live.movedAt.get(rule.id) ?? 0}
            series={live.history.series(rule.id)}
            sides={sides?.(rule)}
            chosen={rule.id === chosen}
            choose={() => choose(rule.id === chosen ? undefined : rule.id)}
          />
        ))}
        <Space rows={rules.length - last} rowHeight={rowHeight} />
      </tbody>
    </table>
  );
}
