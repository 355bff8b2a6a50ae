import { revoke, type Selector } from '../../src/auth/revocation/revocation.js';
import { withRevocations } from '../../src/auth/revocation/revocation-document.js';
import {
  changeDocument,
  type RevocationStorage,
  type RevocationWatcher,
} from '../../src/auth/revocation/revocation-storage.js';

/** In-memory storage that can fail, lose its content, and omit change notifications. */
export class MemoryRevocations implements RevocationStorage {
  readonly kind = 'file';
  readonly place = 'memory';
  text: string | undefined;
  failure: Error | undefined;
  announce = (): void => undefined;
  watcher: RevocationWatcher | undefined;

  async read(): Promise<string | undefined> {
    if (this.failure) throw this.failure;
    return this.text;
  }
  now(): Promise<number> {
    return Promise.resolve(Date.now());
  }
  async replace(expected: string | undefined, text: string): Promise<boolean> {
    if (this.failure) throw this.failure;
    if (this.text !== expected) return false;
    this.text = text;
    return true;
  }
  watch(watcher: RevocationWatcher): void {
    this.announce = watcher.onChange;
    this.watcher = watcher;
  }
  close(): void {
    this.announce = () => undefined;
  }
  async revoke(selector: Selector): Promise<void> {
    await changeDocument(this, (document) =>
      withRevocations(document, [revoke(selector, { maxTokenLifetime: 60_000 })]),
    );
  }
}
