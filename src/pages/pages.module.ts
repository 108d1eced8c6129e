import { Module } from '@nestjs/common';
import { PageFiles } from './page-files';
import { PagesController } from './pages.controller';

@Module({ controllers: [PagesController], providers: [PageFiles] })
export class PagesModule {}
