import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** Adds to messages of light-my-request what Express, its middleware and our own code expect of real ones. */
export function completeMessages(
  request: IncomingMessage,
  response: ServerResponse,
  isSecure: boolean,
): void {
  keepMethods(request);
  keepMethods(response);
  // Our own deployment has another one, which only its own requests can call.
  Object.assign(request, { push: Reflect.get(Readable.prototype, 'push'), complete: true });
  const { socket } = request;
  const ignore = (): typeof socket => socket;
  Object.assign(socket, {
    encrypted: isSecure,
    readable: true,
    writable: true,
    ...Object.fromEntries(SOCKET_METHODS.map((name) => [name, ignore])),
    destroy: () => {
      response.destroy();
      return socket;
    },
  });
}

/** Methods of a socket that have no meaning within the process. */
const SOCKET_METHODS =
  'destroySoon end pause resume setTimeout setKeepAlive setNoDelay cork uncork ref unref'.split(' ');

/**
 * Makes the methods of light-my-request own properties, because Express replaces the prototypes of each request and
 * response. Given the application itself, the library would change the prototypes that Express's own requests have.
 */
function keepMethods(message: object): void {
  const prototype: object = Object.getPrototypeOf(message);
  for (const name of Object.keys(prototype)) {
    if (name !== 'constructor') Reflect.set(message, name, Reflect.get(prototype, name));
  }
}

/** Calls a listener when the handler has written its answer, even if nobody reads it any more. */
export function onEnd(response: ServerResponse, listener: () => void): void {
  const end: unknown = Reflect.get(response, 'end');
  const observed = (...parameters: unknown[]): unknown => {
    listener();
    return typeof end === 'function' ? Reflect.apply(end, response, parameters) : response;
  };
  Object.assign(response, { end: observed });
}
