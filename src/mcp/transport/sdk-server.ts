import { Server } from '@modelcontextprotocol/server';

import type { AuthorizationService } from '../authorization/authorization.service.js';
import type { RequestContext } from '../context/request-context.js';
import type { InvocationService } from '../invocation/invocation.service.js';
import { VERSION } from '../version.js';

/** An SDK server for one exchange: it answers for this caller and is then thrown away. */
export function createSdkServer(
  request: RequestContext,
  authorization: AuthorizationService,
  invocation: InvocationService,
): Server {
  const server = new Server(
    { name: 'aerie', title: 'Aerie', version: VERSION },
    { capabilities: { tools: {} } },
  );
  server.setRequestHandler('tools/list', () => ({ tools: authorization.list(request.principal) }));
  server.setRequestHandler('tools/call', ({ params }, { mcpReq }) =>
    invocation.call(params.name, params.arguments, request, mcpReq.signal),
  );
  return server;
}
