import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

/** JSON value in which `{name}` and `{name.member}` stand for values of earlier steps. */
const template = z.json();

/** One request of a client, and what that client needs to be answered. */
const step = z.strictObject({
  /** "METHOD URL", or "BROWSER URL" for the authorization request, which a user answers with Allow. */
  request: z.string().regex(/^(GET|POST|HEAD|OPTIONS|DELETE|BROWSER) \S+$/),
  /** Query of the authorization request. */
  query: z.record(z.string(), z.string()).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  json: template.optional(),
  form: z.record(z.string(), z.string()).optional(),
  status: z.number().optional(),
  /** Response headers that the client needs. `*` matches any text; other values match a part of the header. */
  answers: z.record(z.string(), z.string()).optional(),
  /** Members of the response, or of the redirect to the client, that the client needs. `*` matches anything. */
  expect: template.optional(),
  /** Name under which later steps find the response. */
  save: z.string().optional(),
  /** Set where a recorded handshake has a step from another source. */
  reconstructed: z.string().optional(),
});

const handshake = z.strictObject({
  client: z.string(),
  version: z.string(),
  basis: z.enum(['recorded', 'reconstructed']),
  date: z.iso.date(),
  sources: z.array(z.string()).min(1),
  /** How the client differs from others, and what it needs of a server. */
  needs: z.array(z.string()).min(1),
  /** Client ID metadata documents of the client, by URL. */
  documents: z.record(z.string(), z.record(z.string(), z.json())).default({}),
  /** Headers of every request. */
  headers: z.record(z.string(), z.string()).default({}),
  steps: z.array(step).min(5),
});

export type Step = z.output<typeof step>;
export type Handshake = z.output<typeof handshake>;

const FOLDER = join('test', 'clients', 'handshakes');

/** Reads the handshakes of all clients, in the order of their names. */
export function readHandshakes(): Handshake[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const parsed = handshake.safeParse(JSON.parse(readFileSync(join(FOLDER, name), 'utf8')));
      if (!parsed.success) throw new Error(`${name}: ${z.prettifyError(parsed.error)}`);
      return parsed.data;
    })
    .toSorted((a, b) => a.client.localeCompare(b.client));
}
