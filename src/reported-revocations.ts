import { Inject, Injectable } from '@nestjs/common';

import { RevocationsService } from './auth/revocation/revocations.service.js';
import { OBSERVER, type Observer } from './observation/observer.js';

/** Reports changes of the revocation list to the observers of the default endpoint. */
@Injectable()
export class ReportedRevocations {
  constructor(revocations: RevocationsService, @Inject(OBSERVER) observer: Observer | undefined) {
    revocations.onChange((change) => observer?.onRevocation?.(change));
  }
}
