// npm run document-llms: writes llms.txt. With a folder, writes llms.txt and llms-full.txt into it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { llmsTexts } from './llms-texts.js';

const { index, full } = llmsTexts();
const [folder] = process.argv.slice(2);
writeFileSync(join(folder ?? '.', 'llms.txt'), index);
if (folder !== undefined) writeFileSync(join(folder, 'llms-full.txt'), full);
