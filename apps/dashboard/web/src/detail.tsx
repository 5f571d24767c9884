/** The panel at the foot of the page that holds what is chosen: its text, and its chart. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

interface Props {
  /** What it is, for who does not see it: `Chosen flow`. */
  label: string;
  id: string;
  close(): void;
  text: ComponentChildren;
  figure: ComponentChildren;
}

export function Detail({ label, id, close, text, figure }: Props) {
  useEffect(() => {
    const closeByKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close();
    };
    addEventListener('keydown', closeByKey);
    return () => removeEventListener('keydown', closeByKey);
  }, [close]);
  return (
    <aside class="detail" aria-label={label} data-chart={id}>
      <div class="text">
        <button type="button" class="close" aria-label="Close" onClick={close}>
          ×
        </button>
        {text}
      </div>
      {figure}
    </aside>
  );
}
