/** Errors that name the line of the test, however long after its call they come. */

// biome-ignore lint/complexity/noBannedTypes: whatever function a test calls.
type Called = Function;

/** What `run` throws bears the stack of the call of `method`; faults of the kit itself keep their own. */
export async function calledFrom<T>(method: Called, run: () => Promise<T>): Promise<T> {
  const frames = framesFrom(method);
  try {
    return await run();
  } catch (error) {
    throw withFrames(error, frames);
  }
}

/** The same for what is there at once. */
export function calledNow<T>(method: Called, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw withFrames(error, framesFrom(method));
  }
}

function framesFrom(method: Called): string[] {
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, method);
  return here.stack?.split('\n').slice(1) ?? [];
}

function withFrames(error: unknown, frames: readonly string[]): unknown {
  if (error instanceof Error && error.constructor === Error) {
    error.stack = [`Error: ${error.message}`, ...frames].join('\n');
  }
  return error;
}
