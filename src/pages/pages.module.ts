import { Module } from '@nestjs/common';
import { ErrorPage } from './error-page';
import { PageFiles } from './page-files';
import { PagesController } from './pages.controller';

@Module({ controllers: [PagesController], providers: [PageFiles, ErrorPage], exports: [ErrorPage] })
export class PagesModule {}
