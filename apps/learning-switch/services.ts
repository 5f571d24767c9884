/** What other apps and the API may ask of the learning switch, on each switch. */

import { defineService, type Station } from '../../src/index.ts';

export const stations = defineService<{ known(): Iterable<Station> }>('learning-switch.stations');
