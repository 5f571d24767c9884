/** The page's views, the stream's topics that each shows, and which one the address asks for. */
import { useEffect, useState } from 'preact/hooks';
import type { Topic } from './wire.ts';

export const VIEWS = [
  { name: 'network', title: 'Network', topics: ['status', 'flows'] },
  { name: 'firewall', title: 'Firewall', topics: ['status', 'rules', 'events'] },
  { name: 'nat', title: 'NAT', topics: ['status', 'rules', 'events'] },
  { name: 'routers', title: 'Routers', topics: ['status', 'interfaces', 'routes', 'neighbours'] },
  { name: 'leases', title: 'Leases', topics: ['status', 'leases'] },
] as const satisfies readonly { name: string; title: string; topics: readonly Topic[] }[];
export type View = (typeof VIEWS)[number];

/** The view of the address's `#firewall`, also where it changes: the browser's own way back leads through views. */
export function useView(): View {
  const [view, setView] = useState(viewOfAddress);
  useEffect(() => {
    const follow = () => setView(viewOfAddress());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return view;
}

function viewOfAddress(): View {
  return VIEWS.find(({ name }) => `#${name}` === location.hash) ?? VIEWS[0];
}
