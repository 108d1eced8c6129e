import { Command, CommanderError, Option as Flag } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokenCommand } from './access/token-command';
import { type Config, DEMO } from './config/config';
import { type Flags, loadConfig } from './config/load-config';
import { type Option, OPTION_LIST } from './config/option-list';
import { packageRoot } from './config/package-root';
import { StartError } from './config/start-error';
import { type Relay, serve } from './main';
import { createProcessLog } from './observe/create-log';
import { probeCommand, pushCommand } from './push/push-command';
import { EXIT, PushError } from './push/push-error';

/** How long an orderly stop may take, ms, before the process ends all the same. */
const STOP_LIMIT = 7_000;
/** A signal this soon after the first, ms, is the same Ctrl-C: npm passes on what its child got from the terminal too. */
const SAME_SIGNAL = 300;

/** Commands that start no relay. */
const CLIENTS: ReadonlySet<string> = new Set(['push', 'probe']);

/** Runs the command line. `argv` is what stands behind the program's name. */
export async function run(argv: string[]): Promise<void> {
  try {
    if (argv.length === 0) program().outputHelp();
    else await program().parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    process.stderr.write(`${explain(error, argv[0])}\n`);
    process.exitCode = exitCode(error, argv[0]);
  }
}

function exitCode(error: unknown, command = ''): number {
  if (error instanceof PushError) return error.exitCode;
  return error instanceof CommanderError && CLIENTS.has(command) ? EXIT.usage : EXIT.internal;
}

function program(): Command {
  const root = new Command('sluice')
    .description('Live video over WebSockets: fragmented MP4 or WebM in, to every browser')
    .version(version(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  const command = root
    .command('serve')
    .description('start the relay')
    .allowExcessArguments(false)
    .option('--config <FILE>', 'Read options from a JSON file, by their flags in camel case (SLUICE_CONFIG)')
    .action(async ({ config: file, ...flags }: { config?: string } & Flags) => {
      await start(loadConfig({ flags, env: process.env, ...(file !== undefined && { file }) }));
    });
  root.addCommand(configure(pushCommand()));
  root.addCommand(configure(probeCommand()));
  root.addCommand(configure(tokenCommand((text) => process.stdout.write(`${text}\n`))));
  for (const flag of OPTION_LIST.flatMap(toFlags)) command.addOption(flag);
  return root;
}

/** Lets a command and those below it throw what is wrong, as the root does. */
function configure(command: Command): Command {
  command.helpOption('--help', 'print this help').showSuggestionAfterError(false).configureOutput({ writeErr: () => undefined }).exitOverride();
  for (const sub of command.commands) configure(sub);
  return command;
}

function toFlags(option: Option): Flag[] {
  const { default: value } = option;
  const standard = Array.isArray(value) || value === undefined ? '' : `, default ${String(value)}`;
  const text = `${option.description} (${option.env}${standard})`;
  switch (option.kind) {
    case 'switch':
      return [new Flag(option.flag, text), new Flag(option.flag.replace('--', '--no-'), 'The opposite').default(undefined)];
    case 'list':
      return [
        new Flag(`${option.flag} <${option.value ?? 'VALUE'}>`, `${text}; repeatable`).argParser((value: string, earlier: string[] | undefined) => [
          ...(earlier ?? []),
          value,
        ]),
      ];
    case 'number':
    case 'text':
      return [new Flag(`${option.flag} <${option.value ?? 'VALUE'}>`, text)];
    default:
      return option.kind satisfies never;
  }
}

async function start(config: Config): Promise<void> {
  const log = createProcessLog(config.logLevel);
  const relay = await listen(config, () => serve(config, log));
  heedSignals(relay, config);
  process.stdout.write(welcome(config, relay));
}

async function listen(config: Config, begin: () => Promise<Relay>): Promise<Relay> {
  try {
    return await begin();
  } catch (error) {
    const where = `${config.host}:${config.port}`;
    switch ((error as NodeJS.ErrnoException).code) {
      case 'EADDRINUSE':
        throw new StartError(`Cannot listen on ${where}: the port is in use; choose another with --port, or end the program that has it`, { cause: error });
      case 'EACCES':
        throw new StartError(`Cannot listen on ${where}: the system doesn't permit this port; choose one above 1023 with --port`, { cause: error });
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        throw new StartError(`Cannot listen on ${where}: this machine has no such address; choose another with --host`, { cause: error });
      default:
        throw error;
    }
  }
}

function heedSignals(relay: Relay, { tls }: Config): void {
  let since: number | undefined;
  const stop = (): void => {
    if (since !== undefined) {
      if (performance.now() - since > SAME_SIGNAL) process.exit(1);
      return;
    }
    since = performance.now();
    setTimeout(() => process.exit(1), STOP_LIMIT).unref();
    relay.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${explain(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (tls !== undefined) process.on('SIGHUP', () => relay.reload());
}

function welcome({ demo, sources }: Config, { url, fingerprint }: Relay): string {
  const watched = [...(demo ? [DEMO] : []), ...sources.map(({ name }) => name)];
  const addresses = [
    ['Dashboard', `${url}/`],
    ...watched.map((name) => ['Watch', `${url}/watch/${name}`]),
    ['Studio', `${url}/publish/cam`],
    ...(fingerprint === undefined ? [] : [['SHA-256', `${fingerprint} of the certificate that browsers warn of`]]),
  ];
  const lines = addresses.map(([what = '', address = '']) => `  ${what.padEnd(10)} ${address}\n`);
  return `Sluice ${version()} listens. Ctrl-C stops it.\n\n${lines.join('')}\n`;
}

/** One line that says what is wrong; of what nobody foresaw, where it was. */
function explain(error: unknown, command?: string): string {
  if (error instanceof StartError) return error.message;
  if (error instanceof CommanderError) return `${sentence(error.message)}: ${remedy(error.code, command)}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What commander says, as a sentence of ours. */
function sentence(message: string): string {
  const text = message.replace(/^error: /, '').replaceAll("'", '"').replace(/\s+/g, ' ').replace(/\.$/, '').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function remedy(code: string, command = ''): string {
  if (CLIENTS.has(command)) return `see "sluice ${command} --help"`;
  if (code === 'commander.missingMandatoryOptionValue') return 'see "sluice token --help"';
  if (code === 'commander.unknownOption') return `it must be one of ${OPTION_LIST.map(({ flag }) => flag).join(', ')}, --no-demo, --config`;
  if (code === 'commander.unknownCommand') return 'the commands are "sluice serve", "sluice push", "sluice probe" and "sluice token"';
  return 'see "sluice serve --help"';
}

function version(): string {
  const { version: value } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return value;
}
