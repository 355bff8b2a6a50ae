/** Server as the setup of a client names it. */
export interface ServerAddress {
  /** Name for configuration files and commands: lowercase letters, digits and hyphens. */
  readonly name: string;
  /** Display name. */
  readonly title: string;
  readonly url: string;
}

/** Step of a setup: a sentence, and the text to copy, if any. */
export interface SetupStep {
  readonly text: string;
  readonly copy?: (server: ServerAddress) => string;
}

/** Setup of one client, as its own documentation describes it. */
export interface ClientSetup {
  /** Identifies the client in URLs: `#claude-code`. */
  readonly id: string;
  readonly name: string;
  /** Kinds of the client, such as `web and desktop`. */
  readonly kind: string;
  /** Whether the vendor's cloud connects to the server: it then needs a public https URL. */
  readonly isInCloud?: boolean;
  /** Opens the client and asks the user whether to add the server. */
  readonly link?: (server: ServerAddress) => string;
  readonly steps: readonly SetupStep[];
  /** Warns of something that is easy to miss. */
  readonly note?: string;
  /** Page of the vendor that the steps were compared with. */
  readonly source: string;
  /** Date of that comparison. */
  readonly checked: string;
}

/** Clients of one kind. */
export interface ClientGroup {
  readonly title: string;
  readonly clients: readonly ClientSetup[];
}

/** Formats a configuration file. */
export const json = (value: unknown): string => JSON.stringify(value, undefined, 2);
