import type { ChangeSet } from '../source/change-set.js';

const EXAMPLE = '.env.example';

/** Variables that production needs, with examples. */
const VARIABLES = {
  SK_ENV_URL: 'https://acme.scalekit.com',
  MCP_SERVER_ID: 'res_123',
  RESOURCE_URL: 'https://api.example.com/mcp',
};
const HEADING = `# --- Aerie: the MCP endpoint ---------------------------------------------------
# Development needs none of these: an embedded issuer signs in demo users.
# Production needs all of them: the Scalekit environment, the id of the MCP server
# in Scalekit, and the public URL of the endpoint.
`;

/** Plans the variables in `.env.example`. */
export function planEnvironment(files: ChangeSet): void {
  const before = files.read(EXAMPLE) ?? '';
  const missing = Object.entries(VARIABLES).filter(
    ([name]) => !new RegExp(`^[#\\s]*${name}(_FILE)?=`, 'm').test(before),
  );
  if (missing.length === 0) return;
  const lines = missing.map(([name, example]) => `# ${name}=${example}\n`).join('');
  const names = missing.map(([name]) => name).join(', ');
  files.change(EXAMPLE, `${separated(before)}${HEADING}${lines}`, `documents ${names}`);
}

/** State of the embedded issuer, which includes its private keys, and the private key that `keygen` writes. */
const IGNORED = ['.aerie/', 'private.pem'];

/** Plans to ignore private keys. */
export function planIgnoredKeys(files: ChangeSet): void {
  const before = files.read('.gitignore') ?? '';
  const present = before.split(/\r?\n/).map((line) => line.trim().replaceAll(/^\/|\/$/g, ''));
  const missing = IGNORED.filter((pattern) => !present.includes(pattern.replace(/\/$/, '')));
  if (missing.length === 0) return;
  const start = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  files.change('.gitignore', `${start}${missing.join('\n')}\n`, `ignores ${missing.join(', ')}`);
}

const separated = (text: string): string => (text === '' ? '' : `${text.trimEnd()}\n\n`);
