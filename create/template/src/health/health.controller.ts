import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { Gauges, Public } from 'aerie-mcp';

/** Gauges that have no value while the server cannot accept callers. */
const NEEDED = ['aerie.revocations.age', 'aerie.signing_keys.age'];

/** Probes of the container and the load balancer. */
@Public() // also with guard: 'global', because probes have no token
@Controller('health')
export class HealthController {
  constructor(private readonly gauges: Gauges) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  ready(): { status: string } {
    const needed = this.gauges.all.filter(({ name }) => NEEDED.includes(name));
    if (needed.some(({ read }) => read() === undefined)) throw new ServiceUnavailableException();
    return { status: 'ok' };
  }
}
