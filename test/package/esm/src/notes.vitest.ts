import 'reflect-metadata';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AerieModule, fromEnvironment } from 'aerie-mcp';
import { type DevIssuer, startDevIssuer } from 'aerie-mcp/dev-issuer';
import { AerieTest, createCallContext, expectTenantIsolation, matchers } from 'aerie-mcp/testing';
import { afterEach, expect, it } from 'vitest';

import { GreetingTools } from './greeting.tools.js';
import { NoteTools, Notes } from './notes.tools.js';
import './vitest-matchers.js';

expect.extend(matchers);

@Module({ providers: [NoteTools, Notes] })
class NotesModule {}

const alice = { subject: 'alice', organization: 'acme', scopes: ['note:write'] };

let aerie: AerieTest;
afterEach(() => aerie?.close());

it('answers questions', async () => {
  aerie = await AerieTest.create({ imports: [NotesModule] }).compile();
  const client = aerie.as(alice, {
    answers: [{ action: 'accept', content: { sure: true } }, { action: 'decline' }],
  });
  const { text, progress } = await client.callTool('delete_notes');
  expect(text).toBe('Deleted.');
  expect(progress).toEqual([{ progress: 1, total: 1, message: 'deleted' }]);
  expect((await client.callTool('delete_notes')).text).toBe('Nothing was deleted.');
  expect(client.questions).toEqual(['Delete 0 notes?', 'Delete 0 notes?']);
});

it('replaces a provider and a setting', async () => {
  aerie = await AerieTest.create({ imports: [NotesModule] }, { variables: { TOOL_TIMEOUT: '50ms' } })
    .overrideProvider(Notes)
    .useValue({ of: () => ['from the test'] })
    .compile();
  expect((await aerie.as(alice).callTool('list_notes')).text).toBe('from the test');
});

it('serves any client over HTTP', async () => {
  aerie = await AerieTest.create({ imports: [NotesModule] }, { port: 0 }).compile();
  const client = new Client({ name: 'my-client', version: '1.0.0' });
  const headers = { authorization: `Bearer ${await aerie.token(alice)}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(aerie.url), { requestInit: { headers } }));
  expect((await client.listTools()).tools).toHaveLength(3);
  await client.close();
});

it('tests the root module, and the set-up of main.ts', async () => {
  @Module({ imports: [AerieModule.forRoot(fromEnvironment(process.env)), NotesModule] })
  class AppModule {}
  aerie = await AerieTest.create({ imports: [AppModule] }).compile();
  expect((await aerie.as(alice).listTools()).map(({ name }) => name)).toContain('add_note');
  await aerie.close();

  const createApplication = (variables: NodeJS.ProcessEnv): Promise<INestApplication> => {
    @Module({ imports: [AerieModule.forRoot(fromEnvironment(variables)), NotesModule] })
    class ConfiguredModule {}
    return NestFactory.create(ConfiguredModule, { logger: false });
  };
  aerie = await AerieTest.start((variables) => createApplication(variables));
  expect((await aerie.as(alice).listTools()).map(({ name }) => name)).toContain('add_note');
});

it('tests each endpoint of an application', async () => {
  @Module({
    imports: [
      AerieModule.forRoot(fromEnvironment(process.env)),
      AerieModule.forRoot(
        fromEnvironment({ ...process.env, RESOURCE_URL: 'http://localhost/internal/mcp' }),
        {
          endpoint: 'staff',
        },
      ),
      AerieModule.forFeature([GreetingTools], { endpoint: 'staff' }),
      NotesModule,
    ],
  })
  class AppModule {}
  aerie = await AerieTest.create({ imports: [AppModule] }).compile();
  const member = aerie.as({ subject: 'bob', scopes: ['greet'] }, { endpoint: 'staff' });
  expect((await member.callTool('greet', { greeting: 'Hello' })).text).toBe('Hello, bob!');
});

it('refuses tokens', async () => {
  aerie = await AerieTest.create({ imports: [NotesModule] }).compile();
  await aerie.revoke({ what: 'subject', id: 'mallory' });
  await expect(aerie.as({ subject: 'mallory' }).listTools()).rejects.toThrow('revoked');
  await expect(aerie.as({ ...alice, expiresIn: -60 }).listTools()).rejects.toThrow('expired');
});

it('keeps serving while the issuer is away, and accepts its new keys', async () => {
  aerie = await AerieTest.create({ imports: [NotesModule] }).compile();
  await aerie.as(alice).listTools();
  await aerie.issuer.goDown();
  await aerie.as(alice).listTools(); // the keys are remembered
  await aerie.issuer.rotateKeys();
  await expect(aerie.as(alice).listTools()).rejects.toThrow('503');
  await aerie.issuer.comeBack();
  await aerie.as(alice).listTools();
});

it('trusts the embedded issuer', async () => {
  const issuer = (resourceUrl: string): Promise<DevIssuer> =>
    startDevIssuer({ port: 0, resourceUrl, scopes: () => ['note:write'] });
  aerie = await AerieTest.create({ imports: [NotesModule] }, { port: 0, issuer }).compile();
  expect(await aerie.as(alice).listTools()).toHaveLength(3);
});

it('keeps organizations apart', async () => {
  aerie = await AerieTest.create({ imports: [NotesModule] }).compile();
  const acme = aerie.as(alice);
  const globex = aerie.as({ ...alice, organization: 'globex' });
  await expectTenantIsolation(acme, globex, [
    (client, marker) => client.callTool('add_note', { text: marker }),
    (client) => client.callTool('list_notes'),
  ]);
});

it('publishes what was reviewed', async () => {
  aerie = await AerieTest.create({ imports: [NotesModule] }).compile();
  expect(aerie.catalog()).toMatchSnapshot();
});

it('runs one handler alone', async () => {
  const { context, progress, questions } = createCallContext({
    caller: alice,
    answers: { action: 'accept', content: { sure: true } },
  });
  expect(await new NoteTools(new Notes()).deleteNotes({}, context)).toBe('Deleted.');
  expect(questions).toEqual(['Delete 0 notes?']);
  expect(progress).toEqual([{ progress: 1, total: 1, message: 'deleted' }]);
});
