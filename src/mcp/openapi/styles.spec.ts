import { SchemaConverter } from '../controllers/convert-schema.js';
import { bodyOf, encodeBody } from './body.js';
import type { SentNames } from './member-names.js';
import { queryPairs, styleOf } from './styles.js';

const EXPLODED = { style: 'form', explode: true };
const DEEP = { style: 'deepObject' };

const namesOf = (taken: readonly string[]): SentNames => ({
  parameters: new Set(['filter', ...taken]),
  members: new Map([['filter', new Set(['_declared'])]]),
});

/** Sends an object in a query next to parameters of other names. */
const inQuery = async (value: object, taken: readonly string[], style: object = EXPLODED): Promise<string> =>
  queryPairs('filter', 'filter', value, styleOf('query', { ...style }), namesOf(taken)).join('&');

/** Sends an object in a form next to members of other names. */
async function inForm(value: object, taken: readonly string[]): Promise<unknown> {
  const document = { root: {}, is30: true };
  const content = {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', properties: { filter: { type: 'object' } } },
      encoding: { filter: EXPLODED },
    },
  };
  const body = bodyOf(document, { content }, new SchemaConverter(document, 'input'));
  if (!body) throw new Error('There is no body.');
  const given = new Map([['filter', { name: 'filter', value }]]);
  const encoded = await encodeBody(body, given, namesOf(taken));
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
    ['!tenant', 'tenant'],
    ['_tenant', 'tenant'],
    ['!_Tenant', 'tenant'],
    ['_tenant[]', 'tenant'],
    ['!tenant.id', 'tenant_id'],
    ['!_id', '_id'],
  ])('has no member %j, which Spring reads as %s', async (member, taken) => {
    await expect(send({ [member]: 'globex' }, [taken])).rejects.toThrow(
      'could read as a parameter of its own',
    );
  });

  it('has a member with such a name if the document declares it', async () => {
    expect(await send({ _declared: 'x' }, ['declared'])).toBe('_declared=x');
  });

  it.each([
    'a.b',
    'a.b.c',
    'a-b',
    'a_b',
    '$filter',
    '@type',
    '_id',
    '!id',
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
