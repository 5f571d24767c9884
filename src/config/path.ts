/** Paths into the user's file: keys and list positions from the root, as JSON pointers (RFC 6901) and for people. */

export type Path = readonly (string | number)[];

export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** `bridges.br0.ports.hv1/web1`, `nat[2]`. */
export function labelOf(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

export function startsWith(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((part, i) => part === path[i]);
}
