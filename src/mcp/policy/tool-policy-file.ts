import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { parseToolPolicy } from '../../config/tool-policy-document.js';
import { followFile } from '../../files/follow-file.js';
import { systemErrorCode } from '../../values/system-error-code.js';
import { type Named, ToolPolicy } from './tool-policy.js';

/** Thrown when the tool policy file is invalid. */
export class UnusableToolPolicyError extends Error {
  override readonly name = 'UnusableToolPolicyError';

  /** @param policy the policy, if it is invalid only because it names unknown tools or groups */
  constructor(
    readonly problems: readonly string[],
    readonly policy?: ToolPolicy,
  ) {
    super(problems.join('; '));
  }
}

/** Listener for changes of the file. */
export interface ToolPolicyListener {
  onChange(policy: ToolPolicy): void;
  /** Called when the changed file is invalid. The current policy stays in force. */
  onRefusal(error: UnusableToolPolicyError): void;
}

/** Tool policy in a file that may change at any time. */
export class ToolPolicyFile {
  #text: string | undefined;
  #isRefused = false;
  #listener: ToolPolicyListener | undefined;
  #reading: Promise<void> = Promise.resolve();
  #unfollow: (() => void) | undefined;
  #isClosed = false;

  /** @param known returns the names that the file may use */
  constructor(
    private readonly path: string,
    private readonly known: () => Named,
  ) {}

  /** SHA-256 of the text that was read last, as hexadecimal digits; undefined if there is none. */
  get digest(): string | undefined {
    return this.#text === undefined ? undefined : hash('sha256', this.#text, 'hex');
  }

  /** @throws {UnusableToolPolicyError} with every problem found */
  async read(): Promise<ToolPolicy> {
    const text = await this.#readText();
    const policy = this.#parse(text);
    this.#text = text;
    return policy;
  }

  /** Watches the file and reads each change in sequence. */
  follow(listener: ToolPolicyListener): void {
    this.#listener = listener;
    this.#unfollow = followFile(this.path, () => {
      this.#reading = this.#reading.then(() => this.#reread());
    });
  }

  /** Parses a refused file again. To be called when there are more known names. */
  retry(): void {
    if (!this.#isRefused || this.#text === undefined || this.#isClosed) return;
    try {
      this.#apply(this.#text);
    } catch (error) {
      if (!(error instanceof UnusableToolPolicyError)) throw error; // otherwise reported before
    }
  }

  /** Ends {@link follow}. The listener is not called again. */
  close(): void {
    this.#isClosed = true;
    this.#unfollow?.();
  }

  async #reread(): Promise<void> {
    try {
      const text = await this.#readText();
      if (text === this.#text || this.#isClosed) return;
      // Also for an invalid file, so that a return to the current policy counts as a change.
      this.#text = text;
      this.#apply(text);
    } catch (error) {
      this.#isRefused = true;
      if (!(error instanceof UnusableToolPolicyError)) throw error;
      if (!this.#isClosed) this.#listener?.onRefusal(error);
    }
  }

  #apply(text: string): void {
    const policy = this.#parse(text);
    this.#isRefused = false;
    this.#listener?.onChange(policy);
  }

  async #readText(): Promise<string> {
    try {
      return await readFile(this.path, 'utf8');
    } catch (error) {
      this.#text = undefined;
      throw new UnusableToolPolicyError([`it cannot be read (${systemErrorCode(error)})`]);
    }
  }

  #parse(text: string): ToolPolicy {
    const problems: string[] = [];
    const policy = new ToolPolicy(parseToolPolicy(text, problems));
    const unknown = policy.unknownNames(this.known());
    if (problems.length > 0) throw new UnusableToolPolicyError([...problems, ...unknown]);
    if (unknown.length > 0) throw new UnusableToolPolicyError(unknown, policy);
    return policy;
  }
}
