import { Controller, Get, Header } from '@nestjs/common';

interface Health {
  readonly status: 'ok';
}

/** For whatever watches over the process. The relay needs nothing outside itself: where it answers, it is ready. */
@Controller('health')
export class HealthController {
  @Get('live')
  @Header('Cache-Control', 'no-store')
  live(): Health {
    return { status: 'ok' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  ready(): Health {
    return { status: 'ok' };
  }
}
