import { Socket } from 'node:net';

/** Bytes that a socket had transferred when its count began. */
interface Begun {
  readonly socket: Socket;
  readonly received: number;
  readonly sent: number;
  /** Index among the running counts; -1 after the end. */
  index: number;
}

/**
 * Counts the bytes of sockets. Sockets count them anyway, so nothing is added up before somebody asks or a count ends.
 *
 * Running counts are stored in an array. A Set that changes with every stream leaves tables behind until the next full
 * garbage collection.
 */
export class SocketBytes {
  readonly #running: Begun[] = [];
  #received = 0;
  #sent = 0;
  /** Largest number of bytes sent that was read. Bytes that waited in a socket are lost when it is destroyed. */
  #highest = 0;

  /** Number of running counts. */
  get running(): number {
    return this.#running.length;
  }

  /** Number of bytes received so far. */
  get received(): number {
    let sum = this.#received;
    for (const begun of this.#running) sum += receivedSince(begun);
    return sum;
  }

  /** Number of bytes sent so far, including those that wait in the socket. */
  get sent(): number {
    let sum = this.#sent;
    for (const begun of this.#running) sum += sentSince(begun);
    this.#highest = Math.max(this.#highest, sum);
    return this.#highest;
  }

  /**
   * Counts the bytes that a socket transfers from now on, unless it is destroyed. Returns a function to end that.
   *
   * @param socket connection, or what stands for one in a test
   */
  begin(socket: unknown): () => void {
    // A response on a destroyed socket has closed, and does not say so again.
    if (!(socket instanceof Socket) || socket.destroyed) return () => {};
    const index = this.#running.length;
    const begun: Begun = { socket, received: socket.bytesRead, sent: socket.bytesWritten, index };
    this.#running.push(begun);
    return () => {
      if (begun.index < 0) return;
      this.#remove(begun);
      this.#received += receivedSince(begun);
      this.#sent += sentSince(begun);
    };
  }

  /** Removes a running count. The last one takes its place. */
  #remove(begun: Begun): void {
    const last = this.#running.pop();
    if (last && last !== begun) {
      this.#running[begun.index] = last;
      last.index = begun.index;
    }
    begun.index = -1;
  }
}

const receivedSince = ({ socket, received }: Begun): number => socket.bytesRead - received;
const sentSince = ({ socket, sent }: Begun): number => socket.bytesWritten - sent;
