import { Controller, Get, Header, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { SluiceError } from '../protocol/error-code';
import { Readiness } from './readiness';

/** For whatever watches over the process, and sends visitors to it. */
@Controller('health')
export class HealthController {
  readonly #health: HealthCheckService;
  readonly #indicators: HealthIndicatorService;
  readonly #readiness: Readiness;

  constructor(health: HealthCheckService, indicators: HealthIndicatorService, readiness: Readiness) {
    this.#health = health;
    this.#indicators = indicators;
    this.#readiness = readiness;
  }

  /** Its event loop answers: that is all it can tell, and as true of a relay that is stopping, which Terminus counts as down. */
  @Get('live')
  @Header('Cache-Control', 'no-store')
  live(): Pick<HealthCheckResult, 'status'> {
    return { status: 'ok' };
  }

  /** It takes visitors. It needs nothing outside itself. */
  @Get('ready')
  @HealthCheck()
  async ready(): Promise<HealthCheckResult> {
    const { state } = this.#readiness;
    const relay = this.#indicators.check('relay');
    try {
      return await this.#health.check([() => (state === 'ready' ? relay.up() : relay.down({ state }))]);
    } catch (cause) {
      if (!(cause instanceof ServiceUnavailableException)) throw cause;
      throw new SluiceError('restarting', `Cannot take visitors: the relay is ${state}`, { cause, retryAfter: 1 });
    }
  }
}
