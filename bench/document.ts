// npm run bench:document: writes the latest results into docs/performance.md.
import { updateDocument } from './report/document.js';

await updateDocument();
