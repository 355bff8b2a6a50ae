import { Injectable } from '@nestjs/common';

/** Tracks whether this instance is stopping. */
@Injectable()
export class Lifecycle {
  #stopping = false;

  get stopping(): boolean {
    return this.#stopping;
  }

  /** Marks the instance as not ready and asks its clients to connect elsewhere. The instance continues to serve. */
  beginStop(): void {
    this.#stopping = true;
  }
}
