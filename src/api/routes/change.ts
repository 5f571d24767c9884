/** REST routes: the file in force, what would change, and what changes it. */

import { applyRequest, confirmRequest, LARGEST_PLAN_REQUEST, planRequest, releaseRequest } from '../bodies.ts';
import { apiError } from '../errors.ts';
import type { Route } from '../route.ts';

/** Bytes. */
const SMALL = 1024;

export const changeRoutes: Route[] = [
  {
    path: '/config',
    summary: 'The file in force, as text and as what was read from it; secrets are not shown',
    schema: 'ConfigStatus',
    list: false,
    answer(source) {
      const config = source.config();
      if (config === undefined) throw apiError(404, 'no-file', 'this Flowloom runs without a file');
      return config;
    },
  },
  {
    path: '/plan',
    summary: 'What differs from the file in force, and so will be changed; asking changes nothing',
    schema: 'NetworkPlan',
    list: false,
    answer: (source) => source.plan(),
  },
  {
    path: '/plan',
    summary:
      'What would change if this file were applied: rows, flows and groups by line of the file; asking changes nothing',
    schema: 'NetworkPlan',
    list: false,
    body: { schema: 'PlanRequest', largest: LARGEST_PLAN_REQUEST },
    answer: (source, { body }) => source.plan(planRequest(body)),
  },
  {
    path: '/apply',
    summary: 'Puts this file in force; with "confirm", until that many seconds have passed without a confirmation',
    schema: 'Applied',
    list: false,
    body: { schema: 'ApplyRequest', largest: LARGEST_PLAN_REQUEST },
    answer: (source, { body }) => source.apply(applyRequest(body)),
  },
  {
    path: '/confirm',
    summary: 'Confirms the applied file that waits for it',
    schema: 'Unconfirmed',
    list: false,
    body: { schema: 'ConfirmRequest', largest: SMALL },
    answer: (source, { body }) => source.confirm(confirmRequest(body)),
  },
  {
    path: '/release',
    summary: 'What of Flowloom is in hosts and switches and would be taken away; asking changes nothing',
    schema: 'ReleaseReport',
    list: false,
    query: { dropController: '"true": as if that were asked for' },
    answer(source, { query: { dropController = 'false' } }) {
      if (dropController !== 'true' && dropController !== 'false')
        throw apiError(400, 'bad-parameter', `"dropController" is no answer: ${dropController}`, 'say true or false');
      return source.release.survey({ dropController: dropController === 'true' });
    },
  },
  {
    path: '/release',
    summary: 'Takes away every flow, group, meter and row of ours and nothing else; then Flowloom ends',
    schema: 'ReleaseReport',
    list: false,
    body: { schema: 'ReleaseRequest', largest: SMALL },
    answer: (source, { body }) => source.release.run(releaseRequest(body)),
    answered: (source) => source.release.answered(),
  },
];
