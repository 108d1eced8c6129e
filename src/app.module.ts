import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ApiModule } from './api/api.module';
import { CoreModule } from './core/core.module';
import { SluiceErrorFilter } from './http/sluice-error-filter';
import { ObserveModule } from './observe/observe.module';
import { PagesModule } from './pages/pages.module';
import type { FfmpegSources } from './publish/ffmpeg/ffmpeg-sources';
import { PublishModule } from './publish/publish.module';
import { WatchModule } from './watch/watch.module';

/** The relay: doors in, doors out, pages. `/watch/NAME.mp4` stands before `/watch/NAME`, which would match it too. */
@Module({})
export class AppModule {
  static with({ sources, ...core }: Parameters<typeof CoreModule.with>[0] & { sources: FfmpegSources }): DynamicModule {
    return {
      module: AppModule,
      imports: [CoreModule.with(core), PublishModule, WatchModule, PagesModule, ObserveModule, ApiModule.with(sources)],
      providers: [{ provide: APP_FILTER, useClass: SluiceErrorFilter }],
    };
  }
}
