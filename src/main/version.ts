/** What this copy of Flowloom is, as its package says. */

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findUpwards } from './find-upwards.ts';

const packageFile = findUpwards('package.json');

export const PACKAGE_FOLDER = dirname(packageFile);
export const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
