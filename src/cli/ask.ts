/** Asks a running Flowloom's REST API; what goes wrong is said in a person's words. */

export interface AskOptions {
  /** `http://127.0.0.1:8080` */
  api: string;
  json: boolean;
  token: string | undefined;
}

/** The answer's JSON, or undefined after saying on stderr why there is none. */
export async function ask<T>(options: AskOptions, path: string): Promise<T | undefined> {
  let response: Response;
  try {
    const headers: Record<string, string> =
      options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
    response = await fetch(new URL(`/api/v1/${path}`, options.api), { headers });
  } catch {
    process.stderr.write(`start Flowloom first, or name it with --api: nothing answers at ${options.api}\n`);
    return undefined;
  }
  if (response.ok) return (await response.json()) as T;
  const body = (await response.json().catch(() => undefined)) as
    | { error?: { message: string; hint?: string } }
    | undefined;
  const { message, hint } = body?.error ?? { message: `HTTP ${response.status}` };
  process.stderr.write(`${options.api}: ${message}${hint === undefined ? '' : `; ${hint}`}\n`);
  return undefined;
}
