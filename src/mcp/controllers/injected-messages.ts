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
  completeSockets(request, response, isSecure);
  dropWhenDestroyed(response, 'write');
  dropWhenDestroyed(response, 'end');
  emitOnce(response, 'finish'); // the library emits it at the end, and Node when its socket has written everything
  response.once('close', () => request.emit('close'));
  Object.assign(response, { setTimeout: timeoutOf(response, () => request.socket.destroy()) });
  // The library ends a response before its stream has nothing left to write.
  Object.defineProperty(response, 'writableFinished', { get: () => response.writableEnded });
}

function completeSockets(request: IncomingMessage, response: ServerResponse, isSecure: boolean): void {
  const { socket } = request;
  const { remoteAddress } = socket;
  const ignore = (): typeof socket => socket;
  const ignored = Object.fromEntries(SOCKET_OPTIONS.map((name) => [name, ignore]));
  Object.assign(socket, {
    encrypted: isSecure,
    readable: true,
    writable: true,
    destroyed: false,
    ...ignored,
    ...Object.fromEntries(SOCKET_METHODS.map((name) => [name, ignore])),
    destroy: () => {
      closeSocket(socket);
      response.destroy();
      return socket;
    },
  });
  if (response.socket) Object.assign(response.socket, { remoteAddress, encrypted: isSecure, ...ignored });
}

/** Writes nothing more after a disconnect, as Node does. The library would keep it in memory. */
function dropWhenDestroyed(response: ServerResponse, name: 'write' | 'end'): void {
  const method: unknown = Reflect.get(response, name);
  Object.assign(response, {
    [name]: (...parameters: unknown[]): unknown => {
      if (!response.destroyed && typeof method === 'function') {
        return Reflect.apply(method, response, parameters);
      }
      const callback = parameters.at(-1);
      if (typeof callback === 'function') process.nextTick(callback, new Error('The response is destroyed.'));
      return name === 'end' && response;
    },
  });
}

function emitOnce(response: ServerResponse, event: string): void {
  const emit: unknown = Reflect.get(response, 'emit');
  let isEmitted = false;
  Object.assign(response, {
    emit: (name: string, ...values: unknown[]): unknown => {
      if (name === event && isEmitted) return false;
      isEmitted ||= name === event;
      return typeof emit === 'function' && Reflect.apply(emit, response, [name, ...values]);
    },
  });
}

/** Returns a `setTimeout()` like that of Node: the client is disconnected if nobody listens, and 0 means no timeout. */
function timeoutOf(response: ServerResponse, disconnected: () => void) {
  let timer: NodeJS.Timeout | undefined;
  const clear = (): void => clearTimeout(timer);
  return (timeout: number, listener?: () => void): ServerResponse => {
    clear();
    response.off('close', clear).once('close', clear);
    if (listener) response.on('timeout', listener);
    if (timeout > 0) timer = setTimeout(() => response.emit('timeout') || disconnected(), timeout).unref();
    return response;
  };
}

/** Shows the handler a client that has disconnected. */
export function disconnect(request: IncomingMessage): void {
  Object.assign(request, { aborted: true });
  request.emit('aborted');
  request.socket.destroy();
}

function closeSocket(socket: IncomingMessage['socket']): void {
  if (socket.destroyed) return;
  Object.assign(socket, { readable: false, writable: false, destroyed: true });
  socket.emit('close');
}

/** Methods of a socket that have no meaning within the process. */
const SOCKET_OPTIONS = 'setTimeout setKeepAlive setNoDelay ref unref'.split(' ');
const SOCKET_METHODS = 'destroySoon end pause resume cork uncork'.split(' ');

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

/**
 * Calls a listener when the handler has answered, even if the client has disconnected: the handler ends or destroys the
 * response, or leaves the rest to a stream. A stream never ends a response that is destroyed.
 */
export function onAnswer(response: ServerResponse, listener: () => void): void {
  const [end, destroy] = ['end', 'destroy'].map((name): unknown => Reflect.get(response, name));
  response.on('pipe', listener);
  Object.assign(response, {
    end: (...parameters: unknown[]): unknown => {
      listener();
      return typeof end === 'function' ? Reflect.apply(end, response, parameters) : response;
    },
    destroy: (...parameters: unknown[]): unknown => {
      if (response.destroyed) listener();
      return typeof destroy === 'function' ? Reflect.apply(destroy, response, parameters) : response;
    },
  });
}
