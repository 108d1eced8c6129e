import type { NestApplicationOptions } from '@nestjs/common';
import { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface';

/** Nest reads no body, and throws what goes wrong instead of ending the process. */
export function nestOptions(): NestApplicationOptions {
  const options: NestApplicationOptions = new NestApplicationContextOptions();
  options.bodyParser = false;
  options.abortOnError = false;
  return options;
}
