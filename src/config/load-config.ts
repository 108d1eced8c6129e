import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isLoopback } from '../access/host-name';
import { redact } from '../base/redact';
import { StartError } from '../base/start-error';
import { DEMO } from '../ffmpeg/sources';
import { accessRules, type Config, toConfig } from './config';
import { CONFIG_ENV, isServerOption, type Option, OPTION_LIST } from './option-list';
import { OPTIONS, type OptionValues } from './options';

/** What `sluice push` brings as its key or token: no option of the relay. */
const TOKEN_ENV = 'SLUICE_TOKEN';

/** Flags by option key: a switch's state, a value's text, or all texts of a list. */
export type Flags = Readonly<Record<string, boolean | string | readonly string[] | undefined>>;

/** Where option values come from. A flag wins over the environment, that over the file, that over the default. */
export interface ConfigLayers {
  readonly flags?: Flags;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Path of a JSON file with options by key. The environment may name it too. */
  readonly file?: string;
}

/** One value, and how its giver wrote it. */
interface Given {
  readonly value: unknown;
  readonly as: string;
}

/**
 * The configuration that these layers make.
 * @throws StartError of one line that names the option and what it may be.
 */
export function loadConfig({ flags = {}, env = {}, file = env[CONFIG_ENV] }: ConfigLayers): Config {
  return toCheckedConfig(new Map([...(file === undefined ? [] : fromFile(file)), ...fromEnv(env), ...fromFlags(flags)]));
}

/**
 * The configuration of a relay in a host application, whose server is the host's: there are no options for that.
 * @param options.decidesItself whether the host decides who may publish and watch.
 * @throws StartError of one line that names the option and what it may be.
 */
export function embeddedConfig(values: Readonly<Record<string, unknown>>, { decidesItself }: { decidesItself: boolean }): Config {
  const given = new Map<string, Given>();
  for (const [key, value] of Object.entries(values)) {
    if (isServerOption(key)) throw new StartError(`Cannot use "${key}" in a module: the server is the host's (docs/embedding.md)`);
    const option = OPTION_LIST.find((known) => known.key === key);
    if (option === undefined) throw new StartError(`Unknown option "${key}" of SluiceModule: docs/embedding.md lists those there are`);
    if (value !== undefined) given.set(key, { value, as: `"${key}": ${JSON.stringify(value)}` });
  }
  return toCheckedConfig(given, decidesItself);
}

/** What the options make that somebody has given. */
function toCheckedConfig(given: ReadonlyMap<string, Given>, decidesItself = false): Config {
  const result = OPTIONS.safeParse(Object.fromEntries([...given].map(([key, { value }]) => [key, value])));
  if (!result.success) throw wrongValue(result.error, given);
  const config = toConfig(result.data);
  checkNames(config);
  checkTls(result.data);
  checkAccess(result.data, { config, decidesItself });
  checkEvents(result.data);
  return config;
}

function fromFlags(flags: Flags): [string, Given][] {
  return OPTION_LIST.flatMap((option) => {
    const value = flags[option.key];
    if (value === undefined) return [];
    if (typeof value === 'boolean') return [[option.key, { value, as: option.flag }]];
    if (typeof value === 'string') return [[option.key, { value: fromText(option, value), as: `${option.flag} ${value}` }]];
    return [[option.key, { value, as: value.map((text) => `${option.flag} ${text}`).join(' ') }]];
  });
}

function fromEnv(env: Readonly<Record<string, string | undefined>>): [string, Given][] {
  const known = new Map(OPTION_LIST.map((option) => [option.env, option]));
  return Object.entries(env).flatMap(([name, text]): [string, Given][] => {
    if (!name.startsWith('SLUICE_') || name === CONFIG_ENV || name === TOKEN_ENV || text === undefined) return [];
    const option = known.get(name);
    if (option === undefined) throw new StartError(`Unknown option ${name} in the environment: it must be one of ${[...known.keys(), CONFIG_ENV].join(', ')}`);
    return [[option.key, { value: fromText(option, text), as: `${name}=${text}` }]];
  });
}

function fromFile(path: string): [string, Given][] {
  const known = new Set<string>(OPTION_LIST.map(({ key }) => key));
  return Object.entries(readJson(path)).map(([key, value]): [string, Given] => {
    if (!known.has(key)) throw new StartError(`Unknown option "${key}" in ${path}: it must be one of ${[...known].join(', ')}`);
    return [key, { value, as: `"${key}": ${JSON.stringify(value)} in ${path}` }];
  });
}

function readJson(path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'it is no JSON' : (cause as Error).message;
    throw new StartError(`Cannot read the configuration file ${path} (--config): ${oneLine(reason)}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new StartError(`Cannot use the configuration file ${path} (--config): it must hold one JSON object of options, such as {"port": 8080}`);
  }
  return value as Record<string, unknown>;
}

function fromText({ kind }: Option, text: string): unknown {
  switch (kind) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'switch':
      return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text;
    case 'list':
      return text.split(/\s+/).filter((item) => item !== '');
    case 'text':
      return text;
    default:
      return kind satisfies never;
  }
}

function wrongValue(error: z.ZodError, given: ReadonlyMap<string, Given>): StartError {
  const key = String(error.issues[0]?.path[0] ?? '');
  const option = OPTION_LIST.find((candidate) => candidate.key === key);
  const as = option?.secret === true ? option.flag : (given.get(key)?.as ?? key);
  return new StartError(`Cannot use ${oneLine(as)}: it must be ${option?.allowed ?? 'an option'}`, { cause: error });
}

function checkTls({ tlsCert, tlsKey, tlsSelfSigned }: OptionValues): void {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new StartError('Cannot speak HTTPS with one of --tls-cert and --tls-key: give both');
  if (tlsCert !== undefined && tlsSelfSigned) throw new StartError('Cannot use --tls-self-signed beside --tls-cert: give one of them');
}

function checkAccess(values: OptionValues, { config: { host, accessRule, private: isPrivate, insecure }, decidesItself }: { config: Config; decidesItself: boolean }): void {
  if ((values.accessWebhook === undefined) !== (values.accessWebhookSecret === undefined)) {
    throw new StartError('Cannot ask --access-webhook without --access-webhook-secret, nor the other way round: give both');
  }
  if (accessRules(values).length > 1) throw new StartError('Cannot go by several rules of access: give one of --keys, --jwt-secret, --jwt-jwks, --access-webhook');
  if (accessRule !== undefined && decidesItself) throw new StartError('Cannot go by an "authorizer" and another rule of access: give one of them');
  if (accessRule !== undefined || decidesItself) return;
  if (isPrivate) throw new StartError('Cannot keep streams --private without a rule of who may watch: add --keys, --jwt-secret, --jwt-jwks or --access-webhook');
  if (!isLoopback(host) && !insecure) {
    throw new StartError(`Cannot listen on ${host} for other machines without a rule of who may publish: add --keys, --jwt-secret, --jwt-jwks or --access-webhook, or --insecure to let everybody watch and only this machine publish`);
  }
}

function checkEvents({ eventsWebhook, eventsWebhookSecret }: OptionValues): void {
  if ((eventsWebhook === undefined) === (eventsWebhookSecret === undefined)) return;
  throw new StartError('Cannot post to --events-webhook without --events-webhook-secret, nor the other way round: give both');
}

function checkNames({ demo, sources }: Config): void {
  const taken = new Set(demo ? [DEMO] : []);
  for (const { name, input, loop } of sources) {
    if (taken.has(name)) {
      const remedy = name === DEMO && demo ? 'choose another name, or add --no-demo' : 'choose another name';
      throw new StartError(`Cannot use ${loop ? '--loop-source' : '--source'} ${oneLine(`${name}=${input}`)}: the name "${name}" is taken already; ${remedy}`);
    }
    taken.add(name);
  }
}

/** As the log has it: what is wrong may stand beside the password of a camera. */
function oneLine(text: string): string {
  return redact(text.replace(/\s+/g, ' ')).slice(0, 200);
}
