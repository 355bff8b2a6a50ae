import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { type CompiledTool, compileTool } from '../catalog/compiled-tool.js';
import { noFindings } from '../catalog/findings.js';
import { queryWords, wordsIn } from './terms.js';
import { ToolIndex } from './tool-index.js';

const rows = (file: string): string[][] =>
  readFileSync(`test/support/many-tools/${file}.tsv`, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));

function tool(name: string, description: string, group?: string, parameters: string[] = []): CompiledTool {
  const input = z.object(Object.fromEntries(parameters.map((parameter) => [parameter, z.string()])));
  return compileTool(
    { name, description, input, scopes: 'authenticated', ...(group !== undefined && { group }) },
    [],
    () => undefined,
    noFindings(),
  );
}

function indexOf(...tools: CompiledTool[]): (query: string, names?: string[]) => string[] {
  const index = new ToolIndex();
  index.update(tools);
  return (query, names = tools.map(({ name }) => name)) => index.search(query, new Set(names), 5);
}

describe('a tool index', () => {
  it('finds the right tool among the first five for 90 % of 50 questions about 300 tools', () => {
    const catalogue = rows('catalogue').map(([group = '', name = '', description = '', parameters = '']) =>
      tool(name, description, group, parameters.split(', ')),
    );
    const questions = rows('questions');
    const search = indexOf(...catalogue);
    const missed = questions.filter(([question = '', name = '']) => !search(question).includes(name));

    expect([catalogue.length, questions.length]).toEqual([300, 50]);
    expect(missed.length).toBeLessThanOrEqual(5);
  });

  const search = indexOf(
    tool('createInvoice', 'Bills a customer.', 'billing', ['dueDate']),
    tool('cancel_order', 'Stops an order that has not been shipped.', 'orders', ['orderId']),
    tool('list_orders', 'Shows orders.', 'orders'),
    tool('rechnung_mahnen', 'Erinnert an eine überfällige Zahlung.'),
    tool('translate', '文章を翻訳する'),
  );

  it.each([
    ['a word of a name', 'invoice', 'createInvoice'],
    ['a word of a description', 'has the customer been billed', 'createInvoice'],
    ['a group', 'billing', 'createInvoice'],
    ['an argument', 'due date', 'createInvoice'],
    ['a misspelled word', 'cansel', 'cancel_order'],
    ['another form of a word', 'cancels', 'cancel_order'],
    ['a word of another language', 'Zahlung überfällig', 'rechnung_mahnen'],
    ['a language without spaces', '翻訳', 'translate'],
    ['a name', 'list_orders', 'list_orders'],
  ])('finds a tool by %s', (_what, query, name) => {
    expect(search(query)[0]).toBe(name);
  });

  it('finds nothing among tools that may not be found', () => {
    expect(search('order', ['createInvoice'])).toEqual([]);
    expect(search('order', ['list_orders'])).toEqual(['list_orders']);
  });

  it('follows the tools', () => {
    const index = new ToolIndex();
    const old = tool('pay', 'Pays a bill.');
    const names = new Set(['pay', 'ship']);
    index.update([old]);
    index.update([old, tool('ship', 'Sends a parcel.')]);
    expect(index.search('bill', names, 5)).toEqual(['pay']);
    index.update([tool('pay', 'Transfers money.')]);
    expect(index.search('bill', names, 5)).toEqual([]);
    expect(index.search('money', names, 5)).toEqual(['pay']);
    expect(index.search('parcel', names, 5)).toEqual([]);
  });
});

describe('words', () => {
  it('of a name are its parts', () => {
    expect(wordsIn('createHTTPRoute get_v2-users.list')).toEqual([
      'create',
      'httproute',
      'get',
      'v2',
      'users',
      'list',
    ]);
  });

  it('of a query are those that tell something, each once, and not too many', () => {
    expect(queryWords('how do I refund the Refund')).toEqual(['refund']);
    expect(queryWords('show me')).toEqual(['show', 'me']);
    expect(queryWords(Array.from({ length: 100 }, (_none, index) => `word${index}`).join(' '))).toHaveLength(
      12,
    );
  });
});
