/** Rows of a long table that is drawn in part: those that are not drawn, and the way of the keyboard between them. */

/** false: the row is not drawn. */
export function focusRow(body: HTMLElement | null, index: number): boolean {
  const button = body?.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"] button`);
  if (button === null || button === undefined) return false;
  button.focus({ preventScroll: true });
  button.closest('tr')?.scrollIntoView({ block: 'nearest' });
  return true;
}

/** Stands for the rows that are not drawn. */
export function Space({ rows, rowHeight }: { rows: number; rowHeight: number }) {
  if (rows <= 0) return null;
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row cannot take the focus
  return <tr class="space" aria-hidden="true" style={{ height: `${rows * rowHeight}px` }} />;
}
