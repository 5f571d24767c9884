// What the codec keeps without knowing what it is.

/** The names of a value's parts that are unknown, of an experimenter, or fields by number alone. */
export function strangeParts(value: unknown): string[] {
  const found: string[] = [];
  JSON.stringify(value, (name, part: unknown) => {
    if (name.startsWith('oxm:')) found.push(name);
    if (part === 'unknown' || part === 'experimenter') found.push(`${name} ${part}`);
    return typeof part === 'bigint' ? part.toString() : part;
  });
  return found;
}
