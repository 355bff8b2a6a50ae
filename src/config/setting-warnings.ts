import { OFFLINE_ACCESS } from '../oauth/sign-in-scopes.js';
import type { Environment } from './environment.js';
import { BODIES_PER_CALLER } from './sections/limits.js';

/** Characters of the instructions that ChatGPT and Codex read first. They should be complete without the rest. */
const MAX_INSTRUCTIONS = 512;

/** Warns about settings that look like mistakes but may be intended. */
export function settingWarnings({
  NODE_ENV,
  ALLOWED_ORIGINS,
  BODY_LIMIT,
  DATABASE_TENANT_SECRET,
  DATABASE_URL,
  MAX_BODY_BYTES,
  MAX_BODY_BYTES_PER_CALLER,
  RESULT_LIMIT,
  MCP_SERVER_ID,
  PROTECTED_RESOURCE_METADATA,
  REDIS_URL,
  REQUEST_STATE_SECRET,
  RESOURCE_URL,
  SERVER_INSTRUCTIONS,
  SIGN_IN_SCOPES,
}: Environment): string[] {
  const production = NODE_ENV === 'production';
  const found: string[] = [];
  if (production && ALLOWED_ORIGINS?.includes('*')) {
    found.push(
      'ALLOWED_ORIGINS is "*": pages of any site may call the endpoint. List only the origins that need access.',
    );
  }
  if (production && REDIS_URL && !REQUEST_STATE_SECRET) {
    found.push(
      'REQUEST_STATE_SECRET is not set: a call that asks the user for input can only continue in the same process.',
    );
  }
  if (production && DATABASE_URL && !DATABASE_TENANT_SECRET) {
    found.push(
      'DATABASE_TENANT_SECRET is not set: with a new password in DATABASE_URL, tools cannot use the database until "migrate" has run with it. Set a random value wherever DATABASE_URL is set; see docs/rotation.md.',
    );
  }
  for (const [name, bytes] of Object.entries({ MAX_BODY_BYTES, MAX_BODY_BYTES_PER_CALLER })) {
    if (bytes === undefined || bytes >= BODY_LIMIT) continue;
    found.push(
      `${name} is ${bytes} bytes, less than BODY_LIMIT (${BODY_LIMIT} bytes): larger bodies are rejected. Raise ${name}, or lower BODY_LIMIT.`,
    );
  }
  const perCaller = MAX_BODY_BYTES_PER_CALLER ?? BODIES_PER_CALLER * BODY_LIMIT;
  if (RESULT_LIMIT > perCaller) {
    found.push(
      `RESULT_LIMIT is ${RESULT_LIMIT} characters, more than MAX_BODY_BYTES_PER_CALLER (${perCaller} bytes): a client that does not read such a result at once loses it. Raise MAX_BODY_BYTES_PER_CALLER, or lower RESULT_LIMIT.`,
    );
  }
  if (SERVER_INSTRUCTIONS && SERVER_INSTRUCTIONS.length > MAX_INSTRUCTIONS) {
    found.push(
      `SERVER_INSTRUCTIONS has ${SERVER_INSTRUCTIONS.length} characters: ChatGPT and Codex rely on the first ${MAX_INSTRUCTIONS}. ` +
        'Shorten it: move what concerns a single tool to the description of the tool.',
    );
  }
  if (SIGN_IN_SCOPES?.includes(OFFLINE_ACCESS)) {
    found.push(
      `SIGN_IN_SCOPES has ${OFFLINE_ACCESS}, which is ignored: clients that use refresh tokens request it themselves. Remove it.`,
    );
  }
  // A metadata document defines the exact spelling of the URL.
  if (MCP_SERVER_ID && !PROTECTED_RESOURCE_METADATA && RESOURCE_URL && /[^/]\/$/.test(pathOf(RESOURCE_URL))) {
    found.push(
      `RESOURCE_URL is "${RESOURCE_URL}", with a trailing slash. Clients and Scalekit compare the URL as text. Remove the slash, unless Scalekit shows it too.`,
    );
  }
  return found;
}

const pathOf = (url: string): string => new URL(url).pathname;

/** Warns about a proxy for outgoing requests that Node.js was not told to use. */
export function proxyWarnings(variables: NodeJS.ProcessEnv): string[] {
  const proxy = ['HTTPS_PROXY', 'https_proxy'].find((name) => variables[name]);
  const isUsed =
    variables['NODE_USE_ENV_PROXY'] === '1' ||
    variables['NODE_OPTIONS']?.includes('--use-env-proxy') === true;
  if (proxy === undefined || isUsed) return [];
  return [
    `${proxy} is set, but Node.js uses it only with NODE_USE_ENV_PROXY=1, so most requests would not pass the proxy. Set both, or remove ${proxy}.`,
  ];
}
