/** What a load that failed has remembered is forgotten again, in the process and for later runs. */

interface Remembering<Place> {
  set(name: string, place: Place): void;
  delete(name: string): void;
}

export function takeBack<Place>(
  remembered: Map<string, Place>,
  before: readonly [name: string, place: Place][],
  memory: Remembering<Place> | undefined,
): void {
  const now = new Map(remembered);
  remembered.clear();
  for (const [name, place] of before) {
    remembered.set(name, place);
    if (now.get(name) !== place) memory?.set(name, place);
    now.delete(name);
  }
  for (const name of now.keys()) memory?.delete(name);
}
