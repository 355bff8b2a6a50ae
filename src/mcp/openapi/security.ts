import { didYouMean } from '../../values/closest-name.js';
import { isRecord } from '../../values/is-record.js';
import type {
  OpenApiMapping,
  Secret,
  Secrets,
  UpstreamCredentials,
  UpstreamOptions,
} from '../decorators/open-api-options.js';
import { type ApiDocument, follow } from '../controllers/api-document.js';
import type { Operation } from './operations.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

/** Credentials in the form in which a request carries them. */
export interface SentCredentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: readonly string[];
  readonly cookies: readonly string[];
  /** Texts that must never appear in a result. */
  readonly secrets: readonly string[];
}

/** Adds a secret to a request. */
interface Place {
  /** Parameter that the secret becomes, such as `query.api_key`, in lower case; undefined if there is none. */
  readonly id?: string;
  readonly add: (secret: Secret) => SentCredentials;
}

/** Ways to authorize the requests of an operation: each names schemes that are needed together. */
export type Security = readonly ReadonlyMap<string, Place>[];

const NO_CREDENTIALS: SentCredentials = { headers: {}, query: [], cookies: [], secrets: [] };

/** Reads how the requests of an operation are authorized. Adds what is unknown or has no secret to the problems. */
export function securityOf(
  document: ApiDocument,
  { node }: Operation,
  { securitySchemes: added = {} }: Pick<OpenApiMapping, 'securitySchemes'>,
  credentials: UpstreamCredentials | undefined,
  problems: string[],
): Security {
  const schemes = schemesOf(document, added);
  const ways = waysOf(document, node, added);
  const faults: string[] = [];
  const usable = ways.flatMap((names) => {
    const places = names.flatMap((name): [string, Place][] => {
      const place = placeOf(follow(document, schemes[name]));
      if (!place)
        faults.push(
          `its security scheme "${name}" is not supported. Use bearer, basic, an API key or OAuth 2.0.`,
        );
      return place ? [[name, place]] : [];
    });
    return places.length === names.length ? [new Map(places)] : [];
  });
  const hasSecrets = (way: ReadonlyMap<string, Place>): boolean =>
    credentials !== undefined &&
    (credentials.schemes === undefined ||
      [...way.keys()].every((name) => credentials.schemes?.includes(name)));
  const found = usable.filter((way) => way.size === 0 || hasSecrets(way));
  if (ways.length > 0 && found.length === 0) {
    problems.push(
      ...(usable.length === 0 ? faults : []),
      ...(usable.length > 0
        ? [
            `it needs credentials for ${ways.map((names) => names.join(' with ')).join(', or ')}. Add them to credentials.`,
          ]
        : []),
    );
  }
  // Credentials that are optional are sent.
  return found.toSorted((a, b) => Math.sign(b.size) - Math.sign(a.size));
}

type Added = NonNullable<OpenApiMapping['securitySchemes']>;

const schemesOf = ({ root }: ApiDocument, added: Added): Readonly<Record<string, unknown>> => ({
  ...recordIn(recordIn(root['components'])['securitySchemes']),
  ...added,
});

/** Names of the schemes that each way to authorize an operation needs. */
function waysOf({ root }: ApiDocument, node: Operation['node'], added: Added): string[][] {
  const security = node['security'] ?? root['security'];
  return Array.isArray(security)
    ? listIn(security)
        .filter(isRecord)
        .map((way) => Object.keys(way))
    : Object.keys(added).map((name) => [name]);
}

/** Finds credentials that would never be sent: of an unknown scheme, or of one that no operation uses. */
export function unusedCredentials(
  document: ApiDocument,
  all: readonly Operation[],
  {
    securitySchemes: added = {},
    credentials,
  }: Pick<OpenApiMapping & UpstreamOptions, 'securitySchemes' | 'credentials'>,
): string[] {
  const names = credentials?.schemes ?? [];
  const known = Object.keys(schemesOf(document, added));
  // Mappings of an API may share their credentials, so any operation is enough.
  const used = new Set(all.flatMap(({ node }) => waysOf(document, node, added).flat()));
  return names.flatMap((name) => {
    if (!known.includes(name)) {
      const remedy = known.length === 0 ? 'Add' : `Use one of ${known.join(', ')}, or add`;
      const hint = didYouMean(name, known) || ` ${remedy} it to securitySchemes.`;
      return [`its credentials have "${name}", which is not one of its security schemes.${hint}`];
    }
    return used.has(name)
      ? []
      : [
          `its credentials have "${name}", which is never sent: no operation has it in its security. Add it to the security of the document, or, if that has none, to securitySchemes. Otherwise remove it.`,
        ];
  });
}

/** Parameters that secrets become, such as `query.api_key`, in lower case. */
export const secretIdsOf = (security: Security): ReadonlySet<string> =>
  new Set(security.flatMap((way) => [...way.values()].flatMap(({ id = [] }) => id)));

function placeOf({ type, scheme, in: place, name }: Readonly<Record<string, unknown>>): Place | undefined {
  const kind = type === 'http' ? String(scheme).toLowerCase() : type;
  if (kind === 'bearer' || kind === 'oauth2' || kind === 'openIdConnect') return { add: asBearer };
  if (kind === 'basic') return { add: asBasic };
  if (kind !== 'apiKey' || typeof name !== 'string') return undefined;
  const partOf = PARTS.get(place);
  return (
    partOf && {
      id: `${String(place)}.${name}`.toLowerCase(),
      add: (secret) => sent(textOf(secret), partOf(name, textOf(secret))),
    }
  );
}

const pair = (name: string, secret: string): string =>
  `${encodeURIComponent(name)}=${encodeURIComponent(secret)}`;

type Part = (name: string, secret: string) => Partial<SentCredentials>;

const PARTS: ReadonlyMap<unknown, Part> = new Map<unknown, Part>([
  ['header', (name, secret) => ({ headers: { [name.toLowerCase()]: secret } })],
  ['query', (name, secret) => ({ query: [pair(name, secret)] })],
  ['cookie', (name, secret) => ({ cookies: [pair(name, secret)] })],
]);

const sent = (secret: string, place: Partial<SentCredentials>): SentCredentials => ({
  ...NO_CREDENTIALS,
  ...place,
  secrets: formsOf(secret),
});

/** Forms in which an API may repeat a secret. PHP escapes slashes in JSON, which Base64 often has. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, encodeURIComponent(secret), json, json.replaceAll('/', String.raw`\/`)])];
}

const asBearer = (secret: Secret): SentCredentials =>
  sent(textOf(secret), { headers: { authorization: `Bearer ${textOf(secret)}` } });

const asBasic = (secret: Secret): SentCredentials => {
  const login = typeof secret === 'string' ? secret : `${secret.username}:${secret.password}`;
  const encoded = Buffer.from(login).toString('base64');
  const { secrets, ...rest } = sent(login.slice(login.indexOf(':') + 1), {
    headers: { authorization: `Basic ${encoded}` },
  });
  return { ...rest, secrets: [...secrets, ...formsOf(encoded)] };
};

function textOf(secret: Secret): string {
  if (typeof secret === 'string') return secret;
  throw new Error('The secret must be a text: only HTTP Basic has a name and a password.');
}

/**
 * Chooses the first way whose secrets are there.
 *
 * @throws {Error} when there is none. The message has no secret.
 */
export function authorize(security: Security, secrets: Secrets): SentCredentials {
  if (security.length === 0) return NO_CREDENTIALS;
  const way = security.find((places) => [...places.keys()].every((name) => secrets[name] !== undefined));
  if (!way) throw new Error('There are no credentials for this request.');
  const all = [...way].flatMap(([name, place]) => {
    const { [name]: secret } = secrets;
    return secret === undefined ? [] : [place.add(secret)];
  });
  return {
    headers: Object.assign({}, ...all.map(({ headers }) => headers)),
    query: all.flatMap(({ query }) => query),
    cookies: all.flatMap(({ cookies }) => cookies),
    secrets: all.flatMap((one) => one.secrets),
  };
}
