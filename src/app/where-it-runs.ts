/** Asks the inspector where the main thread is just now, from another thread. */

import { type Debugger, type InspectorNotification, Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

/** One that does not come by, as in a call into the system, is not waited for longer. */
const PATIENCE_MS = 3000;
const MOST_FRAMES = 3;

/** Innermost first, `spin (apps/x/index.ts:12)`; empty where it could not be found out. */
export async function whereItRuns(): Promise<string[]> {
  const session = new Session();
  /** Files by the inspector's ids: frames name those alone. */
  const files = new Map<string, string>();
  try {
    session.connectToMainThread();
    session.on('Debugger.scriptParsed', ({ params }: InspectorNotification<Debugger.ScriptParsedEventDataType>) => {
      if (params.url.startsWith('file:')) files.set(params.scriptId, params.url);
    });
    const paused = new Promise<string[]>((resolve) => {
      session.on('Debugger.paused', ({ params }: InspectorNotification<Debugger.PausedEventDataType>) => {
        session.post('Debugger.resume');
        const places = params.callFrames.map((frame) => describe(frame, files.get(frame.location.scriptId)));
        resolve(places.filter((place) => place !== undefined).slice(0, MOST_FRAMES));
      });
      setTimeout(resolve, PATIENCE_MS, []).unref();
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
    return await paused;
  } catch {
    return [];
  } finally {
    // Whatever is still asked for is void, and a thread that is held goes on.
    session.disconnect();
  }
}

/** undefined: it is none of a file, but Node's own. */
function describe({ functionName, location }: Debugger.CallFrame, url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const file = new URL(url);
  file.search = '';
  const place = `${fileURLToPath(file)}:${location.lineNumber + 1}`;
  return functionName === '' ? place : `${functionName} (${place})`;
}
