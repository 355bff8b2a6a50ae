// Gives create-aerie-mcp the version of the package, on which a new server then depends, and the Helm chart that of the
// image.
import { readFile, writeFile } from 'node:fs/promises';

const CREATE = new URL('../create/package.json', import.meta.url);
const CHART = new URL('../deploy/helm/aerie/Chart.yaml', import.meta.url);
const read = async (place) => JSON.parse(await readFile(place, 'utf8'));

const { version } = await read(new URL('../package.json', import.meta.url));
await writeFile(CREATE, `${JSON.stringify({ ...(await read(CREATE)), version }, null, 2)}\n`);
const chart = await readFile(CHART, 'utf8');
await writeFile(CHART, chart.replace(/^(version|appVersion): .*$/gm, `$1: ${version}`));
