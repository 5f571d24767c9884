/** A titled part of a view with a table in it. */
import type { ComponentChildren } from 'preact';
import { formatCount } from './format.ts';

interface Props {
  title: string;
  note: string;
  /** How many rows it has. */
  count: number;
  children: ComponentChildren;
}

export function Section({ title, note, count, children }: Props) {
  return (
    <section class="flows" aria-label={title}>
      <div class="toolbar">
        <h2>{title}</h2>
        <span class="note">{note}</span>
        <p class="count" data-shown={count}>
          {formatCount(count)}
        </p>
      </div>
      {children}
    </section>
  );
}
