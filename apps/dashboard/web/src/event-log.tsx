/** What apps told, the newest first, as it comes; all of it or that of one rule. */
import { useState } from 'preact/hooks';
import { formatCount } from './format.ts';
import type { Live } from './live.ts';
import { isOf } from './rules.ts';
import type { EventStatus, RuleStatus } from './wire.ts';

interface Props {
  live: Live;
  /** The app that tells. */
  app: string;
  rules: RuleStatus[];
  /** The rule that is chosen in the table; undefined: none. */
  chosen: string | undefined;
  choose(id: string | undefined): void;
  /** What to write where nothing is told. */
  hint: string;
}

/** So many are drawn. */
const SHOWN = 200;

export function EventLog({ live, app, rules, chosen, choose, hint }: Props) {
  const [text, setText] = useState('');
  const rule = rules.find(({ id }) => id === chosen);
  const all = [...live.rows.events.values()].filter((event) => event.kind === 'app' && event.subject === app);
  const words = text.toLowerCase().split(/\s+/);
  const wanted = all.filter(
    (event) => (rule === undefined || isOf(event, rule)) && words.every((word) => wordsOf(event).includes(word)),
  );
  const shown = wanted.toSorted((one, other) => other.id - one.id).slice(0, SHOWN);
  const told = rules.filter((one) => all.some((event) => isOf(event, one)));
  const choices = rule === undefined || told.includes(rule) ? told : [rule, ...told];
  return (
    <section class="flows events" aria-labelledby="events-title">
      <search class="toolbar">
        <h2 id="events-title">Log</h2>
        <input
          type="search"
          aria-label="Filter the log by text"
          placeholder="Filter: words"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <select
          aria-label="Rule"
          value={rule?.id ?? ''}
          onChange={(event) => choose(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
        >
          <option value="">All rules</option>
          {choices.map(({ id, text: name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <p class="count" role="status" data-shown={wanted.length}>
          {wanted.length === all.length
            ? formatCount(all.length)
            : `${formatCount(wanted.length)} of ${formatCount(all.length)}`}
        </p>
      </search>
      {shown.length === 0 ? (
        <p class="empty">{all.length === 0 ? hint : 'Nothing was told that fits these filters.'}</p>
      ) : (
        <ol class="event-list">
          {shown.map((event) => (
            <EventLine key={event.id} event={event} />
          ))}
        </ol>
      )}
    </section>
  );
}

function EventLine({ event }: { event: EventStatus }) {
  const { time, level, text, fields } = event;
  return (
    <li data-event={event.id}>
      <time dateTime={new Date(time).toISOString()}>{new Date(time).toLocaleTimeString('en-GB')}</time>{' '}
      <span class={`level ${level ?? 'info'}`}>{level ?? 'info'}</span> <span class="text">{text}</span>
      <small>
        {Object.entries(fields)
          .filter(([, value]) => value !== null && !says(text, String(value)))
          .map(([name, value]) => `${name}=${value}`)
          .join(' · ')}
      </small>
    </li>
  );
}

/** Whether the text has the value already, as words of its own. */
function says(text: string, value: string): boolean {
  if (value === '') return true;
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const isWhole = /^[\s[:]?$/.test(text[at - 1] ?? '') && /^[\s\]:]?$/.test(text[at + value.length] ?? '');
    if (isWhole) return true;
  }
  return false;
}

function wordsOf({ text, level, fields }: EventStatus): string {
  return `${text} ${level ?? ''} ${Object.values(fields).join(' ')}`.toLowerCase();
}
