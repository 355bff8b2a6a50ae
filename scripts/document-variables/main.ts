// npm run document-variables: writes the declared variables into .env.example, docs/configuration.md and
// docker-compose.yml.
import { readFileSync, writeFileSync } from 'node:fs';

import { DOCUMENTS_WITH_VARIABLES } from './documents.js';

for (const { path, update } of DOCUMENTS_WITH_VARIABLES)
  writeFileSync(path, update(readFileSync(path, 'utf8')));
