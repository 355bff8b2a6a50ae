import { z } from 'zod';

import { isRedirect, locationOf } from './endpoint.js';
import { ALL_CLIENTS, error, type Finding, warning } from './finding.js';
import { type Answer, attempt } from './probe.js';
import { withoutSlash } from '../../values/without-slash.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

const metadataSchema = z.looseObject({
  resource: z.string().optional(),
  authorization_servers: z.array(z.string()).optional(),
  bearer_methods_supported: z.array(z.string()).optional(),
});

type Metadata = z.infer<typeof metadataSchema>;

/** Findings about the metadata, with the authorization server that it names. */
export interface MetadataResult {
  readonly findings: readonly Finding[];
  readonly authorizationServer: string | undefined;
}

/** Checks the protected resource metadata (RFC 9728) at both places, and where the challenge points. */
export async function checkMetadata(url: URL, challenged: string | undefined): Promise<MetadataResult> {
  const path = url.pathname === '/' ? '' : withoutSlash(url.pathname);
  const own = new URL(`${WELL_KNOWN}${path}`, url);
  const root = new URL(WELL_KNOWN, url);
  const found = await read(own);
  const named = challenged === own.href ? found : await read(challengedUrl(challenged));
  // MCP requires the document at one of the places, and clients to prefer the one that the challenge names.
  const create = named?.metadata ? onlyNamed : notFound;
  const findings = [
    ...missing(found, own, create),
    ...(path === '' ? [] : missing(await read(root), root, notAtRoot)),
    ...(challenged === undefined || challenged === own.href || named?.metadata
      ? []
      : [wrongChallenge(challenged, own)]),
  ];
  const metadata = found?.metadata ?? named?.metadata;
  if (!metadata) return { findings, authorizationServer: undefined };
  return {
    findings: [...findings, ...checkContents(metadata, url)],
    authorizationServer: metadata.authorization_servers?.[0],
  };
}

interface Document {
  readonly answer: Answer;
  /** Undefined if the response is not such a document. */
  readonly metadata: Metadata | undefined;
}

async function read(url: URL | undefined): Promise<Document | undefined> {
  const answer = url && (await attempt(url, { headers: { accept: 'application/json' } }));
  if (!answer) return undefined;
  const { data } = metadataSchema.safeParse(answer.status === 200 ? answer.json : undefined);
  return { answer, metadata: data };
}

const challengedUrl = (challenged: string | undefined): URL | undefined =>
  (challenged === undefined ? null : URL.parse(challenged)) ?? undefined;

type Details = Pick<Finding, 'problem' | 'remedy'>;

const notFound = (details: Details): Finding =>
  error('metadata_missing', { ...details, clients: ALL_CLIENTS });
const onlyNamed = (details: Details): Finding =>
  warning('metadata_missing', { ...details, clients: ['clients that guess the well-known path'] });
const notAtRoot = (details: Details): Finding =>
  warning('metadata_missing_at_root', { ...details, clients: ['Codex', 'Gemini CLI'] });

function missing(found: Document | undefined, url: URL, create: (details: Details) => Finding): Finding[] {
  if (found?.metadata) return [];
  const details = {
    problem: `${url.href} has no protected resource metadata (${found ? describe(found.answer) : 'no response'}).`,
    remedy: 'Let the proxy pass /.well-known/oauth-protected-resource and everything below on to the server.',
  };
  return [create(details)];
}

function describe(answer: Answer): string {
  if (isRedirect(answer)) return `it redirects to ${locationOf(answer)}`;
  return answer.status === 200 ? 'it is not such a JSON document' : `HTTP ${answer.status}`;
}

const wrongChallenge = (challenged: string, own: URL): Finding =>
  error('challenge_metadata', {
    problem: `The challenge names ${challenged}, which has no protected resource metadata.`,
    remedy: `Let resource_metadata name ${own.href}: set RESOURCE_URL to the URL that clients use.`,
    clients: ALL_CLIENTS,
  });

function checkContents(metadata: Metadata, url: URL): Finding[] {
  return [
    ...checkResource(metadata.resource, url),
    ...(metadata.authorization_servers?.[0] === undefined
      ? [
          error('no_authorization_server', {
            problem: 'The metadata names no authorization server.',
            remedy:
              'Set PROTECTED_RESOURCE_METADATA from the dashboard of Scalekit. With own keys only, clients need a token.',
            clients: ALL_CLIENTS,
          }),
        ]
      : []),
    ...(metadata.bearer_methods_supported?.includes('header') === true
      ? []
      : [
          warning('bearer_methods', {
            problem: 'The metadata lacks "bearer_methods_supported": ["header"].',
            remedy: 'Add it to the metadata.',
            clients: ['Gemini'],
          }),
        ]),
  ];
}

function checkResource(resource: string | undefined, url: URL): Finding[] {
  if (resource === url.href || (url.pathname === '/' && resource === url.origin)) return [];
  return [
    error('resource_mismatch', {
      problem: `The metadata is for ${resource ?? 'no resource'}, not for ${url.href}.`,
      remedy: remedyOfMismatch(resource, url),
      clients: ['VS Code', 'Gemini CLI', 'clients of the official SDKs'],
    }),
  ];
}

function remedyOfMismatch(resource: string | undefined, url: URL): string {
  if (resource === undefined || !URL.canParse(resource) || new URL(resource).origin !== url.origin) {
    return `Set RESOURCE_URL to ${url.href}, and register the same URL at the authorization server.`;
  }
  const differsBySlash = withoutSlash(resource) === withoutSlash(url.href);
  const choice = `Give clients ${resource}, or set RESOURCE_URL to ${url.href}`;
  return differsBySlash
    ? `${choice}: the slash at the end counts.`
    : `${choice} and register the same URL at the authorization server.`;
}
