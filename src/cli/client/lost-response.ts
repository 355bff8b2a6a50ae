import type { JSONRPCMessage, RequestId, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/**
 * Closes a connected transport when the stream of a response ends without the response, and cannot be resumed. All requests
 * fail then. The SDK alone waits until their timeout.
 */
export function closeWithoutResponse(transport: StreamableHTTPClientTransport): void {
  const awaited = new Set<RequestId>();
  const { onmessage } = transport;
  const send = transport.send.bind(transport);
  const receive = (message: JSONRPCMessage): void => {
    if ('id' in message && message.id !== undefined && !('method' in message)) awaited.delete(message.id);
    onmessage?.(message);
  };
  Object.assign(transport, { onmessage: receive });
  transport.send = (message, options) => {
    if (Array.isArray(message) || !('method' in message && 'id' in message)) return send(message, options);
    const { id } = message;
    awaited.add(id);
    const onRequestStreamEnd = (): void => {
      if (awaited.has(id)) void transport.close();
    };
    return send(message, { ...options, onRequestStreamEnd });
  };
}
