/** The stream from Flowloom: connects, subscribes, and comes back by itself with back-off after a loss. */
import type { StreamMessage, Subscribe, Topic } from './wire.ts';

export type ConnectionState =
  | { phase: 'connecting' }
  | { phase: 'live'; since: number }
  | { phase: 'lost'; since: number; retryAt: number }
  | { phase: 'token-wanted'; refused: boolean };

export interface Connection {
  /** Tries again now. */
  retry(): void;
  /** What is shown from now on; nothing else is sent. */
  watch(topics: readonly Topic[]): void;
  useToken(token: string): void;
  /** What REST has there; undefined: nothing, or no answer. */
  get<T>(path: string): Promise<T | undefined>;
}

const FIRST_DELAY = 500;
const LONGEST_DELAY = 10_000;
/** After so long without a word the server is asked whether it is still there: a cut cable tells nobody. */
const SILENCE = 10_000;
const TOKEN_KEY = 'flowloom-token';

export function connect(
  received: (message: StreamMessage) => void,
  changed: (state: ConnectionState) => void,
): Connection {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let lostSince = 0;
  let lastHeard = 0;
  let wanted: readonly Topic[] = ['status'];
  let token = tokenFromAddress() ?? sessionStorage.getItem(TOKEN_KEY) ?? '';

  function open(): void {
    clearTimeout(timer);
    socket?.close();
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const query = token === '' ? '' : `?token=${encodeURIComponent(token)}`;
    const current = new WebSocket(`${scheme}://${location.host}/api/v1/stream${query}`);
    socket = current;
    let live = false;
    current.onopen = subscribe;
    current.onmessage = (event: MessageEvent<string>) => {
      lastHeard = Date.now();
      if (!live) {
        live = true;
        failures = 0;
        lostSince = 0;
        changed({ phase: 'live', since: Date.now() });
      }
      received(JSON.parse(event.data) as StreamMessage);
    };
    current.onclose = () => {
      if (socket === current) void lost();
    };
  }

  function subscribe(): void {
    const message: Subscribe = { subscribe: [...wanted] };
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  async function lost(): Promise<void> {
    socket = undefined;
    clearTimeout(timer);
    const refused = await tokenRefused();
    if (socket !== undefined) return;
    if (refused) {
      changed({ phase: 'token-wanted', refused: token !== '' });
      return;
    }
    lostSince ||= Date.now();
    // Spread by a quarter, so that many pages do not come back in step.
    const delay = Math.min(FIRST_DELAY * 2 ** failures, LONGEST_DELAY) * (1 + Math.random() / 4);
    failures += 1;
    changed({ phase: 'lost', since: lostSince, retryAt: Date.now() + delay });
    timer = setTimeout(open, delay);
  }

  const headers = (): Record<string, string> => (token === '' ? {} : { authorization: `Bearer ${token}` });

  /** A browser does not tell a page why a WebSocket was refused; REST does. */
  async function tokenRefused(): Promise<boolean> {
    try {
      return (await fetch('/api/v1/hosts', { headers: headers(), signal: AbortSignal.timeout(3_000) })).status === 401;
    } catch {
      return false;
    }
  }

  setInterval(async () => {
    const asked = socket;
    if (asked?.readyState !== WebSocket.OPEN || Date.now() - lastHeard < SILENCE) return;
    try {
      await fetch('/healthz', { signal: AbortSignal.timeout(4_000) });
      lastHeard = Date.now();
    } catch {
      // close() would wait for an answer from the other side; letting go of the socket does not.
      if (socket === asked) {
        asked.onclose = null;
        asked.close();
        void lost();
      }
    }
  }, 2_000);

  const retryIfLost = () => {
    if (socket === undefined) open();
  };
  addEventListener('online', retryIfLost);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') retryIfLost();
  });
  changed({ phase: 'connecting' });
  open();

  return {
    retry: open,
    async get<T>(path: string) {
      try {
        const answer = await fetch(`/api/v1/${path}`, { headers: headers(), signal: AbortSignal.timeout(5_000) });
        return answer.ok ? ((await answer.json()) as T) : undefined;
      } catch {
        return undefined;
      }
    },
    watch(topics) {
      if (topics.join() === wanted.join()) return;
      wanted = topics;
      subscribe();
    },
    useToken(given) {
      token = given;
      sessionStorage.setItem(TOKEN_KEY, given);
      changed({ phase: 'connecting' });
      open();
    },
  };
}

/** `#token=…` after the address; a fragment is never sent to the server, and leaves the address bar at once. */
function tokenFromAddress(): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given === null) return undefined;
  sessionStorage.setItem(TOKEN_KEY, given);
  history.replaceState(null, '', location.pathname);
  return given;
}
