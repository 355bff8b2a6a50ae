import { SocketBytes } from '../values/socket-bytes.js';

/** Bytes of all connections of this process. */
export const CONNECTION_BYTES = new SocketBytes();
