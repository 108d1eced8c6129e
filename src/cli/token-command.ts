import { Command, Option } from 'commander';
import { SignJWT } from 'jose';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { ACCESS_KEY, hashKey, makeKey } from '../access/access-key';
import { readKeyFile } from '../access/create-authorizer';
import { PERMISSIONS } from '../access/permissions';
import { StartError } from '../base/start-error';

/** What `sluice token key` and `sluice token jwt` have in common. */
interface PermissionFlags {
  readonly publish?: readonly string[];
  readonly watch?: readonly string[];
  readonly admin?: boolean;
  readonly expires?: string;
}
type KeyFlags = PermissionFlags & { readonly file: string; readonly id: string };
type JwtFlags = PermissionFlags & { readonly secret?: string; readonly audience: string; readonly subject: string; readonly expires: string };

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SHORTEST_SECRET = 32;

/** `sluice token`: makes what `--keys` and `--jwt-secret` let in. `print` takes what it makes. */
export function tokenCommand(print: (text: string) => void): Command {
  const command = new Command('token').description('make keys and tokens').helpCommand(false);
  const key = command
    .command('key')
    .description('make a key, print it once, and add its hash to a file for --keys')
    .requiredOption('--file <FILE>', 'The file; it is made if it is not there')
    .requiredOption('--id <ID>', 'Whose key it is, for the log')
    .action((flags: KeyFlags) => print(addKey(flags)));
  const jwt = command
    .command('jwt')
    .description('make a JSON Web Token for --jwt-secret')
    .addOption(new Option('--secret <SECRET>', 'The secret that signs it').env('SLUICE_JWT_SECRET'))
    .option('--audience <NAME>', 'What --jwt-audience says', 'sluice')
    .option('--subject <ID>', 'Whose token it is, for the log', 'token')
    .action(async (flags: JwtFlags) => print(await signToken(flags)));
  for (const made of [key, jwt]) {
    made
      .allowExcessArguments(false)
      .option('--publish <NAME>', 'Names that it may publish, and watch: cam, cam-*, *; repeatable', collect)
      .option('--watch <NAME>', 'Names that it may watch; repeatable', collect)
      .option('--admin', 'Let it administer the relay, too');
  }
  key.option('--expires <TIME>', 'How long it lasts: 45s, 15m, 12h, 30d; without it, for good');
  jwt.option('--expires <TIME>', 'How long it lasts: 45s, 15m, 12h, 30d', '1h');
  return command;
}

/**
 * Adds a key to the file, and says it: nobody can later.
 * @throws StartError if something is wrong with the flags or the file.
 */
function addKey({ file, id, publish, watch, admin, expires }: KeyFlags): string {
  const keys = existsSync(file) ? readKeyFile(file).keys : [];
  if (keys.some((known) => known.id === id)) throw new StartError(`Cannot add a key for "${id}": ${file} has one; take it out first, or choose another --id`);
  const key = makeKey();
  const made = ACCESS_KEY.safeParse({
    id,
    hash: hashKey(key),
    ...{ publish, watch, admin },
    ...(expires !== undefined && { expires: new Date(Date.now() + duration(expires)).toISOString() }),
  });
  if (!made.success) throw wrongFlag(made.error.issues[0]?.path[0]);
  checkPermits({ publish, watch, admin });
  const text = `${JSON.stringify({ keys: [...keys, made.data] }, null, 2)}\n`;
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return key;
}

/** @throws StartError if something is wrong with the flags. */
function signToken({ secret = '', audience, subject, expires, publish, watch, admin }: JwtFlags): Promise<string> {
  if (secret.length < SHORTEST_SECRET) throw new StartError(`Cannot sign a token: give the secret as SLUICE_JWT_SECRET or --secret, at least ${SHORTEST_SECRET} characters`);
  const permissions = PERMISSIONS.safeParse({ publish, watch, admin });
  if (!permissions.success) throw wrongFlag(permissions.error.issues[0]?.path[0]);
  checkPermits({ publish, watch, admin });
  return new SignJWT({ ...permissions.data })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(new Date(Date.now() + duration(expires)))
    .sign(new TextEncoder().encode(secret));
}

/** @throws StartError if they permit nothing: whoever makes such a key has forgotten something. */
function checkPermits({ publish, watch, admin }: { publish: unknown; watch: unknown; admin: boolean | undefined }): void {
  if (publish === undefined && watch === undefined && admin !== true) throw new StartError('Cannot make a key or token that permits nothing: add --publish NAME, --watch NAME or --admin');
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const scale = UNITS[unit];
  if (scale === undefined || Number(count) === 0) throw new StartError(`Cannot use --expires ${text.slice(0, 40)}: it must be a number and s, m, h or d, such as 30d`);
  return Number(count) * scale;
}

function wrongFlag(path: PropertyKey | undefined): StartError {
  const name = String(path ?? 'flag');
  const allowed = name === 'id' ? '1 to 64 letters, digits, "_", ".", "@" or "-"' : 'a name of letters, digits, "_", "-" and "*"';
  return new StartError(`Cannot use --${name}: it must be ${allowed}`);
}
