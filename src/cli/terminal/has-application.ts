import { existsSync } from 'node:fs';
import { extname } from 'node:path';

/** Whether the application of this repository is here. The package is without it. */
export const hasApplication = existsSync(new URL(`../../main${extname(import.meta.url)}`, import.meta.url));
