/** For `node --import`: from here on `flowloom` and `flowloom/…` mean this copy. */

import { resolveFlowloom } from './resolve-flowloom.ts';

resolveFlowloom();
