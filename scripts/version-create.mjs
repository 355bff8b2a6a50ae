// Gives create-aerie-mcp the version of the package, on which a new server then depends.
import { readFile, writeFile } from 'node:fs/promises';

const CREATE = new URL('../create/package.json', import.meta.url);
const read = async (place) => JSON.parse(await readFile(place, 'utf8'));

const { version } = await read(new URL('../package.json', import.meta.url));
await writeFile(CREATE, `${JSON.stringify({ ...(await read(CREATE)), version }, null, 2)}\n`);
