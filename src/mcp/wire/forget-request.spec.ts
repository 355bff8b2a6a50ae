import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import { inspect } from 'node:util';

import express from 'express';

import { readMessagesOf, setMessages } from '../../logging/refused-response.js';
import { listen } from '../../values/listen.js';
import { forgetRequest } from './forget-request.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('forgetRequest', () => {
  it('drops the token, the route and the body of a request whose response goes on', async () => {
    const application = express();
    let seen = '';
    let kept = '';
    application.get('/:name', (request, response) => {
      response.write('begun ');
      const _meta = { traceparent: TRACEPARENT, note: 'secret-token' };
      setMessages(response, [{ method: 'subscriptions/listen', body: { params: { _meta } } }]);
      seen = inspect(request);
      forgetRequest(request, response);
      kept = inspect([request, readMessagesOf(response)], { depth: 6 });
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
    expect(kept).toContain(TRACEPARENT);
  });
});
