import type { Abstract, InjectionToken, ModuleMetadata, OptionalFactoryDependency, Type } from '@nestjs/common';
import type { z } from 'zod';
import type { SluiceAuthorizer } from '../access/host-authorizer';
import type { Log } from '../base/log';
import type { Config } from '../config/config';
import { embeddedConfig } from '../config/load-config';
import type { ServerOption } from '../config/option-list';
import type { OPTIONS } from '../config/options';
import { readMountPath } from '../http/mount';

/** Where a relay is, if its host doesn't say. */
const DEFAULT_PATH = '/live';

/** The options of the command line that aren't of its server, by their flags in camel case. */
type RelayOptions = { readonly [Key in Exclude<keyof z.input<typeof OPTIONS>, ServerOption>]?: z.input<typeof OPTIONS>[Key] | undefined };

/** What a host application mounts a relay with. */
export interface SluiceModuleOptions extends RelayOptions {
  /** Below which path it answers, pages and sockets alike: by default `/live`. The global prefix of the host isn't added. */
  readonly path?: string | undefined;
  /** Decides who may publish, watch and administer: a provider of any module of the host. Watching is then asked about, too, unless `private` is false. */
  readonly authorizer?: Type<SluiceAuthorizer> | Abstract<SluiceAuthorizer> | string | symbol | undefined;
  /** Takes its lines: by default Nest's logger. */
  readonly log?: Log | undefined;
}

/** The same where the options are made by a factory. */
export interface SluiceModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
  // What is injected is known to the factory alone, as it is in Nest's own modules.
  readonly useFactory: (...injected: never[]) => Promise<SluiceModuleOptions> | SluiceModuleOptions;
}

/** What has been made of the options. */
export interface ReadOptions extends Pick<SluiceModuleOptions, 'authorizer' | 'log'> {
  readonly config: Config;
  readonly path: string;
}

/** @throws StartError of one line that names the option and what it may be. */
export function readOptions({ path = DEFAULT_PATH, authorizer, log, ...values }: SluiceModuleOptions): ReadOptions {
  const decidesItself = authorizer !== undefined;
  const config = embeddedConfig({ ...values, private: values.private ?? decidesItself }, { decidesItself });
  return { config, path: readMountPath(path), authorizer, log };
}
