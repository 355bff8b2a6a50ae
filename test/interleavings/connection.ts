/** Client's end of a connection to a server. */
export interface Connection {
  /** Text that the server has sent. */
  readonly text: string;
  readonly isOpen: boolean;
  send(text: string): void;
  close(): void;
}

/** Opens a connection. */
export type Connect = () => Connection;
