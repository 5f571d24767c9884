/** An app's name in a colour of its own, the same on every page; no app: a foreign flow. */

const HUES = 12;

export function AppName({ name }: { name: string | null }) {
  if (name === null) return <span class="chip foreign">foreign</span>;
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 9973;
  return <span class={`chip hue-${hash % HUES}`}>{name}</span>;
}
