/** Request that a REST client makes. */
export interface RestRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

type Arguments = Readonly<Record<string, unknown>>;

const get =
  (path: string, ...query: string[]) =>
  (given: Arguments): RestRequest => ({ method: 'GET', path, query: only(given, query) });

const only = (given: Arguments, names: readonly string[]): Arguments =>
  Object.fromEntries(names.map((name) => [name, given[name]]));

/** Part of a path; empty if REST has none for the value. */
const part = (value: unknown): string =>
  typeof value === 'object' || value === undefined ? '' : encodeURIComponent(textOf(value));

/** Text of a value in a URL or a header. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The REST request for the arguments of each tool, as a developer who reads the controllers writes it. */
export const REST: Readonly<Record<string, (given: Arguments) => RestRequest>> = {
  list_values: get('v1/values', 'q', 'sort'),
  page_of_values: get('v1/values/page', 'limit'),
  by_uuid: ({ id }) => ({ method: 'GET', path: `v1/values/uuid/${part(id)}` }),
  by_int: ({ n }) => ({ method: 'GET', path: `v1/values/int/${part(n)}` }),
  by_float: get('v1/values/float', 'ratio'),
  by_flag: get('v1/values/flag', 'on'),
  by_color: ({ color, level }) => ({
    method: 'GET',
    path: `v1/values/color/${part(color)}`,
    query: { level },
  }),
  by_tags: get('v1/values/tags', 'tags'),
  by_day: ({ day }) => ({ method: 'GET', path: `v1/values/day/${part(day)}` }),
  search: get('v1/values/search', 'text', 'limit', 'color', 'labels'),
  filter: get('v1/values/filter', 'from', 'depth'),
  tenant: (given) => ({ method: 'GET', path: 'v1/values/tenant', headers: only(given, ['x-tenant']) }),
  file_at: ({ path }) => ({ method: 'GET', path: `v1/values/files/${part(path)}` }),
  documented: get('v1/values/documented', 'mode'),
  text: get('v1/values/text', 'name'),
  file: get('v1/values/file'),
  elsewhere: get('v1/values/elsewhere'),
  versioned: get('v2/values/new'),
  fails: ({ how }) => ({ method: 'GET', path: `v1/values/fails/${part(how)}` }),
  create_order: (body) => ({ method: 'POST', path: 'v1/orders', body }),
  change_order: ({ id, notify, ...body }) => ({
    method: 'PATCH',
    path: `v1/orders/${part(id)}`,
    query: { notify },
    body,
  }),
  replace_lines: ({ id, lines }) => ({ method: 'PUT', path: `v1/orders/${part(id)}/lines`, body: lines }),
  add_note: (body) => ({ method: 'POST', path: 'v1/orders/notes', body }),
  add_event: (body) => ({ method: 'POST', path: 'v1/orders/events', body }),
  add_documented: (body) => ({ method: 'POST', path: 'v1/orders/documented', body }),
  delete_order: ({ id }) => ({ method: 'DELETE', path: `v1/plain-orders/${part(id)}` }),
  get_order: ({ id }) => ({ method: 'GET', path: `v1/plain-orders/${part(id)}` }),
  orders_on_shelf: ({ shelf, offset }) => ({
    method: 'GET',
    path: `v1/documented/${part(shelf)}/orders`,
    query: { offset },
  }),
  add_line: (body) => ({ method: 'POST', path: 'v1/documented/lines', body }),
  add_labels: (body) => ({ method: 'POST', path: 'v1/documented/labels', body }),
  me: get('v1/callers/me'),
  admin_only: get('v1/callers/admin'),
  own_token: get('v1/callers/own-token'),
  scoped: ({ id }) => ({ method: 'GET', path: `v1/scoped/${part(id)}` }),
};

/** Makes the request with a token. */
export function fetchRest(
  fetch: typeof globalThis.fetch,
  origin: string,
  token: string,
  { method, path, query = {}, headers = {}, body }: RestRequest,
  base = '/api/',
): Promise<Response> {
  const url = new URL(base + path, origin);
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, textOf(one));
  }
  const given = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, textOf(value)]],
  );
  return fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...Object.fromEntries(given),
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}
