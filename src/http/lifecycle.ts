import { Injectable } from '@nestjs/common';

/** Whether this instance still wants work. */
@Injectable()
export class Lifecycle {
  #stopping = false;

  get stopping(): boolean {
    return this.#stopping;
  }

  /** From now on the instance is not ready, and asks its clients to connect elsewhere; it goes on serving. */
  beginStop(): void {
    this.#stopping = true;
  }
}
