import type { Socket } from 'node:net';

/** Sockets on which reading has been stopped at least once, and whether it is stopped now. */
const states = new WeakMap<Socket, { isStopped: boolean }>();

/** Stops reading from a socket until {@link goOnReading} is called, if ever. */
export function stopReading(socket: Socket): void {
  let state = states.get(socket);
  if (!state) states.set(socket, (state = control(socket)));
  if (state.isStopped) return;
  state.isStopped = true;
  socket.pause();
}

/** Reads again after {@link stopReading}. */
export function goOnReading(socket: Socket): void {
  const state = states.get(socket);
  if (!state?.isStopped) return;
  state.isStopped = false;
  socket.resume();
}

/** Ignores `resume()` while reading is stopped: Node calls it whenever a request or a response makes progress. */
function control(socket: Socket): { isStopped: boolean } {
  const state = { isStopped: false };
  const resume = socket.resume.bind(socket);
  const resumeUnlessStopped = (): Socket => (state.isStopped ? socket : resume());
  socket.resume = resumeUnlessStopped;
  return state;
}
