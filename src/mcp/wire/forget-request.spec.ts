import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import { inspect } from 'node:util';

import express from 'express';

import { listen } from '../../values/listen.js';
import { forgetRequest } from './forget-request.js';

describe('forgetRequest', () => {
  it('drops the token and the route of a request whose response goes on', async () => {
    const application = express();
    let seen = '';
    let kept = '';
    application.get('/:name', (request, response) => {
      response.write('begun ');
      seen = inspect(request);
      forgetRequest(request, response);
      kept = inspect(request);
      expect(request.next).toBeUndefined();
      response.end('ended');
    });
    const server = createServer(application);
    const port = await listen(server);
    const [response] = await once(
      get({ port, path: '/ada', headers: { authorization: 'Bearer secret-token' } }),
      'response',
    );
    const message: IncomingMessage = response;
    const text = (await message.toArray()).join('');
    server.close();

    expect(text).toBe('begun ended');
    expect(seen).toContain('secret-token');
    expect(kept).not.toContain('secret-token');
  });
});
