/** A plain table of rows that change: some hundreds are drawn, the rest on demand. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { formatCount } from './format.ts';

export interface Column<R> {
  title: string;
  /** By which a test, and the style sheet, find its cells. */
  field: string;
  cell(row: R): ComponentChildren;
}

interface Props<R> {
  label: string;
  rows: readonly R[];
  columns: readonly Column<R>[];
}

const SHOWN = 200;

export function PlainTable<R extends { id: string }>({ label, rows, columns }: Props<R>) {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, SHOWN);
  return (
    <>
      <div class="plain">
        <table>
          <caption class="hidden">{label}</caption>
          <thead>
            <tr>
              {columns.map(({ title, field }) => (
                <th key={field} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.id} data-row={row.id}>
                {columns.map(({ field, title, cell }) => (
                  <td key={field} data-field={field} data-title={title}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < rows.length && (
        <p class="empty">
          <button type="button" onClick={() => setAll(true)}>
            Show all {formatCount(rows.length)}
          </button>
        </p>
      )}
    </>
  );
}

/** A state in a colour: good, bad, or neither. */
export function State({ is, good, bad }: { is: string; good: readonly string[]; bad: readonly string[] }) {
  return <span class={`state ${good.includes(is) ? 'good' : bad.includes(is) ? 'bad' : 'quiet'}`}>{is}</span>;
}
