import { SchemaConverter } from '../controllers/convert-schema.js';
import { bodyOf, encodeBody } from './body.js';
import { queryPairs, styleOf } from './styles.js';

const EXPLODED = { style: 'form', explode: true };
const DEEP = { style: 'deepObject' };
const text = { type: 'string' };

/** Sends an object in a query next to parameters of other names. */
const inQuery = async (value: object, taken: readonly string[], style: object = EXPLODED): Promise<string> =>
  queryPairs('filter', 'filter', value, styleOf('query', { ...style }), new Set(['filter', ...taken])).join(
    '&',
  );

/** Sends an object in a form next to members of other names. */
async function inForm(value: object, taken: readonly string[]): Promise<unknown> {
  const document = { root: {}, is30: true };
  const others = Object.fromEntries(taken.map((name) => [name, text]));
  const content = {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', properties: { filter: { type: 'object' }, ...others } },
      encoding: { filter: EXPLODED },
    },
  };
  const body = bodyOf(document, { content }, new SchemaConverter(document, 'input'));
  if (!body) throw new Error('There is no body.');
  const encoded = await encodeBody(body, new Map([['filter', { name: 'filter', value }]]));
  return encoded?.bytes;
}

describe.each([
  ['a query', inQuery],
  ['a form', inForm],
])('an exploded object in %s', (_place, send) => {
  it.each([
    '[tenant]',
    '[tenant',
    '[[tenant]]',
    ']tenant',
    'tenant]',
    'tenant[',
    'tenant[a',
    'a[tenant]]',
    'a[b]c',
    '.tenant',
    ' tenant',
    'tenant ',
    '\ttenant',
    'tenant\0',
    'tenant\0x',
    'a[\0]',
    '',
  ])('has no member %j', async (member) => {
    await expect(send({ [member]: 'globex' }, [])).rejects.toThrow('could read as another name');
  });

  it.each([
    ['tenant_id', 'tenant_id'],
    ['tenant.id', 'tenant_id'],
    ['tenant id', 'tenant_id'],
    ['Tenant.Id', 'tenant_id'],
    ['tenant_id', 'tenant.id'],
    ['tenant.id[0]', 'tenant_id'],
    ['tenant.id', 'tenant'],
    ['tenant[id]', 'tenant'],
    ['tenant[]', 'tenant'],
    ['tenant.id', 'tenant[id]'],
    ['tenant[id][0].x', 'tenant[id]'],
    ['tenant', 'tenant[id]'],
    ['tenant', 'tenant[]'],
  ])('has no member %j next to %s', async (member, taken) => {
    await expect(send({ [member]: 'globex' }, [taken])).rejects.toThrow('is a parameter of its own');
  });

  it.each([
    'a.b',
    'a.b.c',
    'a-b',
    'a_b',
    '$filter',
    '@type',
    '_id',
    'x:y',
    'filter',
    'tenant',
    'tenant-id',
    'first name',
    'größe',
    'a[]',
    'a[0].b[c]',
    'page[size]',
  ])('has the member %j next to other names', async (member) => {
    const sent = await send({ [member]: 'x' }, ['tenant_id', 'page[number]', 'a_']);
    expect(sent).toBe(`${encodeURIComponent(member)}=x`);
  });
});

describe('a deep object', () => {
  it.each(['owner', 'OWNER', 'owner][0', 'owner.x'])('has no member %j next to its own', async (member) => {
    await expect(inQuery({ [member]: 'you' }, ['filter[owner]'], DEEP)).rejects.toThrow(
      'is a parameter of its own',
    );
  });

  it.each(['owner]', '[owner', ']owner', 'owner\0'])('has no member %j', async (member) => {
    await expect(inQuery({ [member]: 'you' }, [], DEEP)).rejects.toThrow('could read as another name');
    await expect(inQuery([{ [member]: 'you' }], [], DEEP)).rejects.toThrow('could read as another name');
  });

  it('has other members', async () => {
    const value = { 'a.b': 1, $gte: [2, { c: 3 }] };
    expect(decodeURIComponent(await inQuery(value, ['filter[owner]', 'owner'], DEEP))).toBe(
      'filter[a.b]=1&filter[$gte][0]=2&filter[$gte][1][c]=3',
    );
  });
});
