import { compileUriTemplate } from './uri-template.js';

type Row = [template: string, uri: string, variables: Record<string, string> | undefined];

const SIMPLE: Row[] = [
  ['note://{id}', 'note://one', { id: 'one' }],
  ['note://{id}', 'note://a%20b', { id: 'a b' }],
  ['note://{id}', 'note://a@b:c;d=e&f', { id: 'a@b:c;d=e&f' }],
  ['note://{id}', 'note://', undefined],
  ['note://{id}', 'note://one/two', undefined],
  ['note://{id}', 'note://one?two', undefined],
  ['note://{id}', 'note://%zz', undefined],
  ['note://{id}', 'other://one', undefined],
  ['a://{x}/{y}/end', 'a://1/2/end', { x: '1', y: '2' }],
  ['a://{x}-{y}', 'a://1-2-3', { x: '1-2', y: '3' }],
  ['a://{x,y}', 'a://1,2', { x: '1', y: '2' }],
  ['a://{x,y}', 'a://1', undefined],
  ['a.b://{x}', 'aXb://1', undefined],
  ['a://{__proto__}', 'a://1', Object.fromEntries([['__proto__', '1']])],
];

const RESERVED: Row[] = [
  ['file:///{+path}', 'file:///a/b/c.txt', { path: 'a/b/c.txt' }],
  ['file:///{+path}', 'file:///a%2Fb/../c', { path: 'a/b/../c' }],
  ['proxy://{+url}', 'proxy://http://a/b?c=d#e', { url: 'http://a/b?c=d#e' }],
  ['a://{+path}/raw/{id}', 'a://x/raw/y/raw/1', { path: 'x/raw/y', id: '1' }],
  ['a://{+path}{?v}', 'a://x/y?v=1', { path: 'x/y', v: '1' }],
];

const PATH: Row[] = [
  ['a://root{/x,y}', 'a://root', {}],
  ['a://root{/x,y}', 'a://root/1', { x: '1' }],
  ['a://root{/x,y}', 'a://root/1/2', { x: '1', y: '2' }],
  ['a://root{/x,y}', 'a://root/1/2/3', undefined],
  ['a://root{/x}/end', 'a://root/end', {}],
  ['a://root{/x}/end', 'a://root/1/end', { x: '1' }],
  ['a://{name}{.ext}', 'a://readme', { name: 'readme' }],
  ['a://{name}{.ext}', 'a://a.b.txt', { name: 'a.b', ext: 'txt' }],
];

const QUERY: Row[] = [
  ['a://products{?page}', 'a://products', {}],
  ['a://products{?page}', 'a://products?', {}],
  ['a://products{?page}', 'a://products?page=2', { page: '2' }],
  ['a://products{?page}', 'a://products?page=', { page: '' }],
  ['a://products{?page}', 'a://products?other=2', undefined],
  ['a://products{?page}', 'a://products?page=1&page=2', undefined],
  ['a://products{?page}', 'a://products?page=1#2', undefined],
  ['a://products{?q,limit}', 'a://products?limit=5&q=a%26b', { q: 'a&b', limit: '5' }],
  ['a://products{?q,limit}', 'a://products?limit=5', { limit: '5' }],
  ['a://products?kind=a{&page}', 'a://products?page=2&kind=a', { page: '2' }],
  ['a://products?kind=a{&page}', 'a://products?page=2', undefined],
  ['a://products?q={q}&lang={l}{&page}', 'a://products?lang=en&q=x%2Fy', { q: 'x/y', l: 'en' }],
  ['a://products?q={q}', 'a://products', undefined],
  ['a://{id}{?page}{#part}', 'a://1?page=2#three', { id: '1', page: '2', part: 'three' }],
  ['a://{id}{#part}', 'a://1', { id: '1' }],
  ['a://{id}#top', 'a://1#top', { id: '1' }],
  ['a://{id}#top', 'a://1#end', undefined],
];

const UNSAFE: Row[] = [
  ['note://{id}', 'note://..', undefined],
  ['note://{id}', 'note://%2E%2E', undefined],
  ['note://{id}', 'note://a%2Fb', undefined],
  ['note://{id}', 'note://a%5Cb', undefined],
  ['note://{id}', 'note://a%00', undefined],
  ['note://{id}', 'note://a..b', { id: 'a..b' }],
  ['a://root{/x}', 'a://root/..', undefined],
  ['a://x{.ext}', 'a://x.%2e%2e', undefined],
  ['a://x{?path}', 'a://x?path=..%2F..%2Fetc', undefined],
  ['a://x{?path}', 'a://x?path=../etc', undefined],
  ['a://x{?path}', 'a://x?path=a%00', undefined],
  ['a://x{#path}', 'a://x#../etc', undefined],
  ['file:///{+path}', 'file:///a%00', undefined],
];

describe('compileUriTemplate', () => {
  it.each([...SIMPLE, ...RESERVED, ...PATH, ...QUERY, ...UNSAFE])(
    'matches %s with %s',
    (template, uri, expected) => {
      expect(compileUriTemplate(template).match(uri)).toEqual(expected);
    },
  );

  it('matches a URI of at most 8,192 characters', () => {
    const template = compileUriTemplate('note://{id}');
    expect(template.match(`note://${'x'.repeat(8_000)}`)).toEqual({ id: 'x'.repeat(8_000) });
    expect(template.match(`note://${'x'.repeat(9_000)}`)).toBeUndefined();
  });

  it.each([
    ['a://{a}-{b}-{c}-{d}-{e}!', `a://${'-'.repeat(8_000)}`],
    ['a://{+a}a{+b}a{+c}a{+d}!', `a://${'a'.repeat(8_000)}`],
    ['a://x{/a,b,c,d,e,f,g,h}!', `a://x${'/'.repeat(8_000)}`],
    ['a://x{?a}', `a://x?${'&'.repeat(8_000)}a`],
  ])('matches %s in linear time', (template, uri) => {
    const compiled = compileUriTemplate(template);
    const before = process.cpuUsage();
    for (let repeat = 0; repeat < 10; repeat++) compiled.match(uri);
    // CPU time, which other processes do not change.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });

  it('lists the variables', () => {
    const { variables } = compileUriTemplate('a://{x}{/y,z}?q={q}{&page}{#part}');
    expect(variables.toSorted()).toEqual(['page', 'part', 'q', 'x', 'y', 'z']);
  });

  it.each([
    ['a://{x', /braces do not match/],
    ['a://x}', /braces do not match/],
    ['a://{}', /braces .* are empty/],
    ['a://{a b}', /variable name "a b"/],
    ['a://{x}{y}', /two variables with nothing between/],
    ['a://{x}/{x}', /variable x twice/],
    ['a://{x*}', /modifier in \{x\*\}.*\{\+name\}/],
    ['a://{x:3}', /modifier in \{x:3\}/],
    ['a://{=x}', /variable name "=x"/],
    ['a://x{;lat,lon}', /unsupported operator \{;lat,lon\}: write \{\?lat,lon\}/],
    ['a://x{&y}', /write \{\?…\}/],
    ['a://x?{a}-{b}', /its query has/],
    ['a://x?y={y}&y=1', /its query has y twice/],
    ['a://x{?y}/z', /its query continues with "\/z"/],
    ['a://x{#y}z', /fragment must be the last part/],
    ['a://x{#y,z}', /variable name "y,z"/],
  ])('rejects %s', (template, message) => {
    expect(() => compileUriTemplate(template)).toThrow(message);
  });
});
