import { writeFileSync } from 'node:fs';

import { bundleBrowserScript, SCRIPT_FILE } from './bundle.js';

writeFileSync(SCRIPT_FILE, await bundleBrowserScript());
