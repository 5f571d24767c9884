/** The top bar: which Flowloom this is, its file, and whether what is shown is current. */
import type { ConnectionState } from './connection.ts';
import { formatAge } from './format.ts';
import { useClock } from './live.ts';
import { VIEWS, type View } from './views.ts';
import type { Snapshot } from './wire.ts';

interface Props {
  status: Snapshot | undefined;
  state: ConnectionState;
  view: View;
  retry(): void;
}

export function Header({ status, state, view, retry }: Props) {
  const now = useClock();
  const file = status?.file;
  return (
    <header class="top">
      <h1>
        <img src="/icon.svg" alt="" width="28" height="28" /> Flowloom
        {status !== undefined && <span class="version">{status.version}</span>}
      </h1>
      {status !== undefined && (
        <p class="about">
          {file ? <code>{file.path}</code> : 'no file: a learning switch for whatever connects'}
          <span> · up {formatAge(now - status.startedAt)}</span>
          {status.listening.openflow !== null && <span> · OpenFlow {status.listening.openflow}</span>}
        </p>
      )}
      <div class={`connection ${state.phase}`} role="status" data-connection={state.phase}>
        <span class="dot" aria-hidden="true" />
        <span>{describe(state, now)}</span>
        {state.phase === 'lost' && (
          <button type="button" onClick={retry}>
            Try now
          </button>
        )}
      </div>
      <nav aria-label="Views">
        {VIEWS.map(({ name, title }) => (
          <a key={name} href={`#${name}`} aria-current={name === view.name ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {file?.unconfirmed && (
        <p class="banner" role="alert">
          {file.path} is not confirmed:{' '}
          {file.unconfirmed.back === file.path ? 'the file before it' : file.unconfirmed.back} comes back in{' '}
          {formatAge(Math.max(0, file.unconfirmed.until - now))} unless you say “flowloom apply --confirmed”
        </p>
      )}
      {file?.error && (
        <p class="banner" role="alert">
          The file was refused and the one before it stays in force: {file.error}
        </p>
      )}
    </header>
  );
}

function describe(state: ConnectionState, now: number): string {
  if (state.phase === 'live') return 'Live';
  if (state.phase !== 'lost') return 'Connecting…';
  const wait = Math.max(0, Math.ceil((state.retryAt - now) / 1000));
  return `Connection lost ${formatAge(now - state.since)} ago, ${wait === 0 ? 'trying…' : `again in ${wait} s`}`;
}
