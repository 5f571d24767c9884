/** All REST routes under /api/v1. */

import type { Route } from './route.ts';
import { changeRoutes } from './routes/change.ts';
import { flowsRoutes } from './routes/flows.ts';
import { happeningsRoutes } from './routes/happenings.ts';
import { networkRoutes } from './routes/network.ts';
import { publishedRoutes } from './routes/published.ts';

export const routes: Route[] = [
  ...networkRoutes,
  ...publishedRoutes,
  ...flowsRoutes,
  ...happeningsRoutes,
  ...changeRoutes,
];
