import { compileResource, isTemplate, variablesOf } from './compiled-resource.js';

const template = compileResource(
  { uri: 'note://{id}', name: 'note', scopes: 'authenticated' },
  [],
  { read: () => undefined, list: undefined, completions: new Map() },
  [],
);

it.each([
  ['note://one', { id: 'one' }],
  ['note://a%20b', { id: 'a b' }],
  ['note://one/two', undefined],
  ['note://%zz', undefined],
  [`note://${'x'.repeat(8_000)}`, { id: 'x'.repeat(8_000) }],
  [`note://${'x'.repeat(9_000)}`, undefined],
])('what a template makes of a URI: %#', (uri, variables) => {
  if (!isTemplate(template)) throw new Error('It is no template.');
  expect(variablesOf(template, uri)).toEqual(variables);
});
