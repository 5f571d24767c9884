/** A titled part of a view with a table in it. */
import type { ComponentChildren } from 'preact';
import { formatCount } from './format.ts';

interface Props {
  title: string;
  note: string;
  /** How many rows it has. */
  count: number;
  /** How many of them are shown. */
  shown?: number;
  /** What chooses among them. */
  tools?: ComponentChildren;
  children: ComponentChildren;
}

export function Section({ title, note, count, shown = count, tools, children }: Props) {
  return (
    <section class="flows" aria-label={title}>
      <div class="toolbar">
        <h2>{title}</h2>
        <span class="note">{note}</span>
        {tools}
        <p class="count" data-shown={shown}>
          {shown === count ? formatCount(count) : `${formatCount(shown)} of ${formatCount(count)}`}
        </p>
      </div>
      {children}
    </section>
  );
}
