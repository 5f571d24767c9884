/** Which rows of a long table are near the visible part of the page, so that only those are drawn. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

export interface RowWindow {
  first: number;
  /** One past the last. */
  last: number;
  rowHeight: number;
}

/** Rows drawn above and below, so that a quick scroll shows no gap. */
const MARGIN = 12;

/** All rows have the height that the style sheet gives in `--row-height`; it differs on narrow screens. */
export function useRowWindow(body: RefObject<HTMLTableSectionElement | null>, count: number): RowWindow {
  const [rows, setRows] = useState<RowWindow>({ first: 0, last: 40, rowHeight: 46 });

  useLayoutEffect(() => {
    let frame = 0;
    const measure = () => {
      frame = 0;
      if (body.current === null) return;
      const rowHeight = Number.parseFloat(getComputedStyle(body.current).getPropertyValue('--row-height')) || 46;
      const above = -body.current.getBoundingClientRect().top;
      const first = Math.max(0, Math.floor(above / rowHeight) - MARGIN);
      const last = Math.max(first, Math.ceil((above + innerHeight) / rowHeight) + MARGIN);
      setRows((known) =>
        known.first === first && known.last === last && known.rowHeight === rowHeight
          ? known
          : { first, last, rowHeight },
      );
    };
    const soon = () => {
      if (frame === 0) frame = requestAnimationFrame(measure);
    };
    measure();
    // What is above the table grows and shrinks too, which moves it without any scrolling.
    const observer = new ResizeObserver(soon);
    observer.observe(document.body);
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  }, [body]);

  const first = Math.min(rows.first, Math.max(0, count - 1));
  return { first, last: Math.min(rows.last, count), rowHeight: rows.rowHeight };
}
