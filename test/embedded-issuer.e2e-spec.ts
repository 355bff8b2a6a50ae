import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';

import { AerieModule, fromEnvironment, McpTool, Principal } from '../src/index.js';
import { runningServers } from '../src/process/running-servers.js';
import { BuiltApplication, DIST } from './support/built-application.js';
import { freePort } from './support/ports.js';

@Injectable()
class NameTools {
  constructor(private readonly principal: Principal) {}

  @McpTool({ name: 'name', scopes: ['usr:read'], description: 'Names the caller.', input: z.object({}) })
  name(): string {
    return this.principal.subject;
  }
}

describe('the embedded issuer in an application', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-issuer-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('runs with forRootAsync() in a process of its own, which loads packages as Node.js does', async () => {
    const [port, issuerPort] = [await freePort(), await freePort()];
    const index = JSON.stringify(join(DIST, 'index.js'));
    const code = `
      import { Module } from '@nestjs/common';
      import { NestFactory } from '@nestjs/core';
      import { AerieModule, fromEnvironment } from ${index};
      class TeamModule {}
      const useFactory = () => fromEnvironment(process.env);
      Module({ imports: [AerieModule.forRootAsync({ path: '/mcp', useFactory })] })(TeamModule);
      const application = await NestFactory.create(TeamModule, { logger: ['error'] });
      await application.listen(${port}, '127.0.0.1');`;
    const application = BuiltApplication.start(
      DIST,
      { PORT: String(port), DEV_ISSUER_PORT: String(issuerPort), STATE_DIRECTORY: directory },
      ['--input-type=module', '--eval', code],
    );
    try {
      await application.answers(`http://localhost:${port}/mcp`, 401);
      await application.answers(`http://localhost:${issuerPort}/.well-known/oauth-authorization-server`);
    } finally {
      await application.kill();
    }
  });

  it.each(['forRoot', 'forRootAsync'] as const)('runs with %s() in development', async (register) => {
    const [port, issuerPort] = [await freePort(), await freePort()];
    const stateDirectory = join(directory, 'state');
    const configuration = fromEnvironment({
      PORT: String(port),
      DEV_ISSUER_PORT: String(issuerPort),
      STATE_DIRECTORY: stateDirectory,
    });
    const aerie =
      register === 'forRoot'
        ? AerieModule.forRoot(configuration)
        : AerieModule.forRootAsync({ path: '/mcp', useFactory: () => configuration });
    @Module({ imports: [aerie], providers: [NameTools] })
    class TeamModule {}
    const application = await NestFactory.create(TeamModule, { logger: false, abortOnError: false });
    try {
      await application.listen(port, '127.0.0.1');
      const json = async (url: string): Promise<Record<string, unknown>> =>
        z.record(z.string(), z.unknown()).parse(await (await fetch(url)).json());
      const url = `http://localhost:${port}/.well-known/oauth-protected-resource/mcp`;
      const { authorization_servers } = await json(url);
      const [issuer] = z.tuple([z.url()]).parse(authorization_servers);
      const { pathname, origin } = new URL(issuer);
      expect(origin).toBe(`http://localhost:${issuerPort}`);
      const metadata = await json(`${origin}/.well-known/oauth-authorization-server${pathname}`);
      expect(metadata).toMatchObject({ issuer, scopes_supported: expect.arrayContaining(['usr:read']) });
      expect(await runningServers(stateDirectory)).toMatchObject([{ port, issuerPort }]);
    } finally {
      await application.close();
    }
    expect(await runningServers(stateDirectory)).toEqual([]);
    await expect(fetch(`http://localhost:${issuerPort}/keys`)).rejects.toThrow('fetch failed');
  });
});
