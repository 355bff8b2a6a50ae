import { hash, randomBytes } from 'node:crypto';

import { isRecord } from '../../src/values/is-record.js';
import { signIn } from '../support/sign-in.js';
import type { Handshake, Step } from './handshake.js';

/** Addresses of the server under test. */
export interface Addresses {
  /** URL of the MCP endpoint. */
  readonly endpoint: string;
  readonly origin: string;
  /** Origin of the authorization server. */
  readonly issuer: string;
}

/** Performs the requests of a client one after the other, and expects what the client needs of each response. */
export async function replay(handshake: Handshake, addresses: Addresses): Promise<void> {
  const verifier = randomBytes(32).toString('base64url');
  const values: Record<string, unknown> = {
    ...addresses,
    state: randomBytes(8).toString('hex'),
    verifier,
    challenge_s256: hash('sha256', verifier, 'base64url'),
  };
  for (const [index, step] of handshake.steps.entries()) {
    const isRedirect = step.request.startsWith('BROWSER ');
    const got = isRedirect ? await browse(step, values) : await send(step, handshake.headers, values);
    const name = `${index + 1}: ${step.request}`;
    expect({ [name]: got }).toEqual({ [name]: needed(step, values) });
    if (step.save !== undefined) values[step.save] = got.body;
    if (got.challenge) values['challenge'] = got.challenge;
  }
}

function needed({ status, answers = {}, expect: body }: Step, values: object): unknown {
  const headers = Object.entries(filled(answers, values) as Record<string, string>).map(([name, value]) => [
    name,
    value === '*' ? expect.anything() : expect.stringContaining(value),
  ]);
  return expect.objectContaining({
    ...(status !== undefined && { status }),
    ...(headers.length > 0 && { headers: expect.objectContaining(Object.fromEntries(headers)) }),
    ...(body !== undefined && { body: matching(filled(body, values)) }),
  });
}

/** Response, or the parameters of the redirect to the client. */
interface Got {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly challenge?: Readonly<Record<string, string>> | undefined;
  readonly body: unknown;
}

async function send(step: Step, shared: Handshake['headers'], values: object): Promise<Got> {
  const [method = '', url = ''] = (filled(step.request, values) as string).split(' ');
  const headers = filled({ ...shared, ...step.headers }, values) as Record<string, string>;
  const body =
    step.form === undefined
      ? step.json === undefined
        ? undefined
        : JSON.stringify(filled(step.json, values))
      : new URLSearchParams(filled(step.form, values) as Record<string, string>).toString();
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    challenge: challengeOf(response.headers.get('www-authenticate')),
    body: await bodyOf(response),
  };
}

/** Acts as the user, who allows access. Returns the parameters of the redirect to the client. */
async function browse(step: Step, values: object): Promise<Got> {
  const url = new URL((filled(step.request, values) as string).slice('BROWSER '.length));
  const query = filled(step.query ?? {}, values) as Record<string, string>;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const callback = await signIn(url);
  const { redirect_uri: redirectUri = '' } = query;
  return {
    body: { ...Object.fromEntries(callback.searchParams), redirected: callback.href.startsWith(redirectUri) },
  };
}

/** Reads the JSON, or the first message of an event stream, which may go on. */
async function bodyOf(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('text/event-stream')) {
    const text = await response.text();
    return type.startsWith('application/json') && text !== '' ? JSON.parse(text) : text;
  }
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const message = /^data: (.+)$/m.exec(text)?.[1];
    if (message !== undefined && text.endsWith('\n\n')) return JSON.parse(message);
  }
  return text;
}

/** Returns the parameters of a `WWW-Authenticate` header, if there is one. */
function challengeOf(header: string | null): Record<string, string> | undefined {
  if (header === null) return undefined;
  const parameters = Array.from(header.matchAll(/(\w+)="([^"]*)"/g), ([, name = '', value = '']) => [
    name,
    value,
  ]);
  return Object.fromEntries(parameters) as Record<string, string>;
}

/** Replaces each `{name}` and `{name.member}` by its value. */
function filled(value: unknown, values: object): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/\{([\w.]+)\}/g, (_all, path: string) => valueAt(path, values));
  if (Array.isArray(value)) return value.map((item) => filled(item, values));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, values)]));
}

function valueAt(path: string, values: object): string {
  let value: unknown = values;
  for (const name of path.split('.')) {
    value = Array.isArray(value) ? value[Number(name)] : isRecord(value) ? value[name] : undefined;
  }
  if (typeof value !== 'string') throw new Error(`No earlier step has {${path}}.`);
  return value;
}

/** Turns expected values into matchers. */
function matching(value: unknown): unknown {
  if (value === '*') return expect.anything();
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return expect.arrayContaining(value.map(matching));
  if (!isRecord(value)) return value;
  return expect.objectContaining(
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, matching(member)])),
  );
}
