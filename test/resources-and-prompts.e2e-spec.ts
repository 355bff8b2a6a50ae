import { Injectable, Module } from '@nestjs/common';

import { McpResource } from '../src/index.js';
import { asking } from './support/ask.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { OffersModule, PIXEL } from './support/offers.module.js';
import { ERAS, message, post } from './support/rpc.js';

@Injectable()
class Shelf {
  @McpResource({ uri: 'shelf://{id}', name: 'shelf', scopes: 'authenticated' })
  read(variables: { id: string }): string {
    variables.id += '!';
    return variables.id;
  }
}

@Module({ providers: [Shelf] })
class ShelfModule {}

describe('resources and prompts', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({
      modules: [OffersModule, ShelfModule],
      issuer: { scopes: () => ['org:read', 'usr:read', 'admin', 'vault:open', 'mail:send'] },
    });
  });
  afterAll(() => aerie.close());

  describe.each(ERAS)('in the era of %s', (revision, send) => {
    const ask = asking(() => aerie, [revision, send]);

    it('lists fixed and template resources, sorted', async () => {
      const { result } = await ask('resources/list');
      const uris = result.resources.map(({ uri }) => uri);
      expect(uris).toEqual([...uris].toSorted());
      expect(uris).toEqual(
        expect.arrayContaining(['file://docs/a', 'file://docs/b', 'found://it', 'info://about']),
      );
      expect(result.resources).toContainEqual({
        uri: 'info://about',
        name: 'about',
        title: 'About',
        size: 5,
      });
      const { result: stranger } = await ask('resources/list', {}, '');
      expect(JSON.stringify(stranger)).not.toContain('file://docs');
    });

    it('lists templates', async () => {
      const { result } = await ask('resources/templates/list');
      expect(result.resourceTemplates).toContainEqual({
        uriTemplate: 'report://{year}',
        name: 'report',
        description: 'The report of a year.',
        mimeType: 'text/markdown',
      });
      expect(JSON.stringify(result)).not.toContain('vault');
    });

    it.each([
      [
        'text, for its caller',
        'info://about',
        [{ uri: 'info://about', mimeType: 'text/plain', text: 'for usr_' }],
      ],
      [
        'bytes',
        'img://pixel',
        [{ uri: 'img://pixel', mimeType: 'image/png', blob: PIXEL.toString('base64') }],
      ],
      [
        'whole contents',
        'data://whole',
        [
          { uri: 'data://part', text: 'one' },
          { uri: 'data://other', text: 'two' },
        ],
      ],
      ['JSON', 'data://json', [{ uri: 'data://json', mimeType: 'application/json', text: '{"a":1}' }]],
      [
        'a template',
        'report://2026',
        [{ uri: 'report://2026', mimeType: 'text/markdown', text: '# Report of 2026' }],
      ],
      [
        'encoded variables',
        'file://a%20b/c%26d',
        [{ uri: 'file://a%20b/c%26d', mimeType: 'text/plain', text: 'a b:c&d' }],
      ],
    ])('reads %s', async (_what, uri, contents) => {
      expect((await ask('resources/read', { uri })).result.contents).toEqual(contents);
    });

    it.each([
      ['it does not exist', 'info://nothing', /not found/i],
      ['its method finds nothing', 'file://docs/missing', /There is no file missing/],
      ['its URI is encoded incorrectly', 'file://docs/%E0%A4%A', /not found/i],
      ['a variable hides a slash', 'file://docs/c%2Fd', /not found/i],
      ['a variable climbs out of its folder', 'file://docs/%2E%2E', /not found/i],
    ])('refuses to read a resource if %s', async (_what, uri, text) => {
      const { error } = await ask('resources/read', { uri });
      const isUnknown = revision === '2025-11-25' && /not found/.test(error?.message ?? '');
      const code = isUnknown ? -32002 : -32602;
      expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
    });

    it('hides the cause of a failed resource', async () => {
      const { error } = await ask('resources/read', { uri: 'file://docs/broken' });
      expect(error).toMatchObject({
        code: -32603,
        message: expect.stringMatching(/The resource failed.*Correlation id/),
      });
      expect(JSON.stringify(error)).not.toContain('secret detail');
    });

    it('challenges, hides and shows resources like tools', async () => {
      expect(await ask('resources/read', { uri: 'file://docs/a' }, '')).toMatchObject({
        status: 403,
        asked: 'org:read',
      });
      expect(await ask('resources/read', { uri: 'found://it' })).toMatchObject({
        status: 403,
        asked: revision === '2026-07-28' ? 'mail:send' : 'mail:send org:read',
      });
      const secret = await ask('resources/read', { uri: 'vault://key' });
      const unknown = await ask('resources/read', { uri: 'nowhere://key' });
      expect([secret.status, secret.error?.code]).toEqual([unknown.status, unknown.error?.code]);
      expect(secret.error?.message.replace('vault', '')).toBe(unknown.error?.message.replace('nowhere', ''));
      // A secret resource among others of a template is to strangers what the template makes of its URI.
      const among = { uri: 'file://docs/hidden' };
      expect(await ask('resources/read', among, '')).toMatchObject({ status: 403, asked: 'org:read' });
      expect((await ask('resources/read', among)).result.contents[0]?.text).toBe('docs:hidden');
      expect((await ask('resources/read', among, 'vault:open')).result.contents[0]?.text).toBe('hidden');
      expect(
        (await ask('resources/read', { uri: 'vault://key' }, 'vault:open')).result.contents[0]?.text,
      ).toBe('key');
    });

    it('completes variables and arguments with at most 100 values', async () => {
      const template = { ref: { type: 'ref/resource', uri: 'file://{folder}/{name}' } };
      const { result } = await ask('completion/complete', {
        ...template,
        argument: { name: 'folder', value: 'x' },
        context: { arguments: { name: 'n' } },
      });
      expect(result.completion).toMatchObject({ total: 150, hasMore: true });
      expect(result.completion.values.slice(0, 2)).toEqual(['xn0', 'xn1']);
      expect(result.completion.values).toHaveLength(100);
      const other = await ask('completion/complete', { ...template, argument: { name: 'name', value: 'x' } });
      expect(other.result.completion.values).toEqual([]);
      const language = await ask('completion/complete', {
        ref: { type: 'ref/prompt', name: 'review' },
        argument: { name: 'language', value: 'ty' },
      });
      expect(language.result.completion.values).toEqual(['typescript']);
      const stranger = await ask(
        'completion/complete',
        { ...template, argument: { name: 'folder', value: '' } },
        '',
      );
      expect(stranger).toMatchObject({ status: 403, asked: 'org:read' });
      const nothing = await ask('completion/complete', {
        ref: { type: 'ref/prompt', name: 'no_such' },
        argument: { name: 'a', value: '' },
      });
      expect(nothing.error?.code).toBe(-32602);
    });

    it('lists prompts with their arguments for callers with their scopes', async () => {
      const { result } = await ask('prompts/list');
      expect(result.prompts).toEqual([
        { name: 'greeting', title: 'Greeting', description: 'Greets.' },
        { name: 'nothing' },
        {
          name: 'review',
          description: 'Reviews a piece of code.',
          arguments: [
            { name: 'language', required: true },
            { name: 'code', required: true },
          ],
        },
      ]);
    });

    it('returns prompts', async () => {
      const review = await ask('prompts/get', { name: 'review', arguments: { language: 'C', code: 'x' } });
      expect(review.result).toMatchObject({
        description: 'Reviews a piece of code.',
        messages: [{ role: 'user', content: { type: 'text', text: 'Review this C code:\n\nx' } }],
      });
      const greeting = await ask('prompts/get', { name: 'greeting' });
      expect(greeting.result.messages[0]).toMatchObject({
        role: 'assistant',
        content: { text: 'Hello usr_' },
      });
    });

    it('reports the error of a prompt', async () => {
      const incomplete = await ask('prompts/get', { name: 'review', arguments: { language: 'C' } });
      expect(incomplete.error).toMatchObject({ code: -32602, message: expect.stringMatching(/code: /) });
      expect((await ask('prompts/get', { name: 'no_such' })).error?.code).toBe(-32602);
      expect((await ask('prompts/get', { name: 'nothing' })).error?.code).toBe(-32603);
      const asked = revision === '2026-07-28' ? 'admin' : 'admin org:read';
      expect(await ask('prompts/get', { name: 'admins' })).toMatchObject({ status: 403, asked });
    });
  });

  it('gives each read of a batch its own variables', async () => {
    const read = (id: number) => message({ method: 'resources/read', params: { uri: 'shelf://a' }, id });
    const response = await post(aerie.url, await aerie.token(), [read(1), read(2)]);
    expect(await response.json()).toEqual(
      [1, 2].map((id) =>
        expect.objectContaining({ id, result: { contents: [expect.objectContaining({ text: 'a!' })] } }),
      ),
    );
  });
});
