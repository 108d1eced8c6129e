/**
 * Imports point one way. A room imports from the rooms before it, and not from its neighbours within braces:
 * protocol <- media <- relay <- base <- ffmpeg <- http <- access <- socket <- { publish, watch, hls, api, pages, observe } <- server <- cli.
 * ARCHITECTURE.md says what is in each.
 */
const ORDER = ['protocol', 'media', 'relay', 'base', 'ffmpeg', 'http', 'access', 'socket'];
const DOORS = ['publish', 'watch', 'hls', 'api', 'pages', 'observe'];
const CORE = '^src/(protocol|media|relay)/';

/** A rule that lets a room import from these rooms and itself, and `others` if there are any. */
const room = (name, rooms, others = []) => ({
  name: `${name}-imports-only-what-comes-before-it`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^(src|player)/', pathNot: [`^src/(${[...rooms, name].join('|')})/`, ...others] },
});

module.exports = {
  forbidden: [
    ...ORDER.map((name, at) => room(name, ORDER.slice(0, at))),
    ...DOORS.map((name) => room(name, ORDER)),
    room('config', ORDER),
    // A client of the relay.
    room('push', ['protocol', 'media', 'base', 'ffmpeg'], ['^src/relay/clock\\.ts$']),
    room('server', [...ORDER, ...DOORS, 'config']),
    { name: 'config-is-read-by-server-and-cli-alone', severity: 'error', from: { path: '^src/', pathNot: '^src/(config|server|cli)/' }, to: { path: '^src/config/' } },
    { name: 'protocol-uses-no-package', severity: 'error', from: { path: '^src/protocol/' }, to: { dependencyTypesNot: ['local'] } },
    { name: 'media-is-browser-safe', severity: 'error', from: { path: '^src/media/' }, to: { dependencyTypes: ['core'] } },
    { name: 'core-knows-no-framework', severity: 'error', from: { path: CORE }, to: { path: 'node_modules/(@nestjs|ws|express)/|^http$|^https$|^net$' } },
    { name: 'one-file-knows-fluent-ffmpeg', severity: 'error', from: { path: '^src/', pathNot: '^src/ffmpeg/fluent-runner\\.ts$' }, to: { path: 'node_modules/(@types/)?fluent-ffmpeg/' } },
    { name: 'one-file-runs-ffmpeg', severity: 'error', from: { path: '^src/', pathNot: '^src/(ffmpeg/fluent-runner|cli/supervise|cli/supervisor)\\.ts$' }, to: { path: '^(node:)?child_process$' } },
    { name: 'player-imports-only-protocol-and-media', severity: 'error', from: { path: '^player/' }, to: { path: '^(src|player)/', pathNot: '^(player/|src/(protocol|media)/)' } },
    { name: 'the-supervisor-is-small', severity: 'error', from: { path: '^src/cli/supervise\\.ts$' }, to: { path: 'node_modules/(@nestjs|ws|express)/', reachable: true } },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: ['\\.d\\.ts$', '^src/cli/cli\\.ts$', '^player/(vite\\.config\\.mts|pages/)'] }, to: {} },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'only-declared-packages', severity: 'error', from: { path: '^src/' }, to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
