import { createServer } from 'node:http';
import { once } from 'node:events';
import { Test } from '@nestjs/testing';
import { listen } from '../values/listen.js';
import { DevIssuerService } from './dev-issuer.service.js';

describe('DevIssuerService', () => {
  async function moduleOn(port: number, isOptional = false) {
    const options = { port, isOptional, resourceUrl: 'http://localhost:3002/mcp', scopes: () => [] };
    const provider = { provide: DevIssuerService, useFactory: () => new DevIssuerService(options) };
    return Test.createTestingModule({ providers: [provider] }).compile();
  }

  async function listenAnywhere() {
    const server = createServer();
    return { server, port: await listen(server) };
  }

  it('runs the issuer while the application runs', async () => {
    const { server, port } = await listenAnywhere();
    server.close();
    await once(server, 'close');

    const application = await (await moduleOn(port)).init();
    expect((await fetch(`http://localhost:${port}/keys`)).status).toBe(200);
    await application.close();
    await expect(fetch(`http://localhost:${port}/keys`)).rejects.toThrow('fetch failed');
  });

  it('names the variable to change if the port is in use', async () => {
    const { server, port } = await listenAnywhere();
    try {
      await expect((await moduleOn(port)).init()).rejects.toThrow('DEV_ISSUER_PORT');
    } finally {
      server.close();
    }
  });

  it('leaves the issuer out if it is optional and the port is in use', async () => {
    const { server, port } = await listenAnywhere();
    const application = await moduleOn(port, true);
    try {
      await expect(application.init()).resolves.toBe(application);
    } finally {
      await application.close();
      server.close();
    }
  });
});
