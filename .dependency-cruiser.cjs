/**
 * Imports point one way:
 * protocol <- media <- relay <- {publish, watch} <- app.module <- main, relay-process <- cli; the supervisor beside them is small, and imports no application.
 */
const CORE = '^src/(protocol|media|relay)/';
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|player)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    only('protocol-imports-nothing', '^src/protocol/', '^src/protocol/'),
    { name: 'protocol-uses-no-package', severity: 'error', from: { path: '^src/protocol/' }, to: { dependencyTypesNot: ['local'] } },
    only('media-imports-only-protocol', '^src/media/', '^src/(protocol|media)/'),
    { name: 'media-is-browser-safe', severity: 'error', from: { path: '^src/media/' }, to: { dependencyTypes: ['core'] } },
    only('relay-imports-only-media-and-protocol', '^src/relay/', '^src/(protocol|media|relay)/'),
    { name: 'core-knows-no-framework', severity: 'error', from: { path: CORE }, to: { path: 'node_modules/(@nestjs|ws|express)/|^http$|^https$|^net$' } },
    { name: 'doors-in-never-import-doors-out', severity: 'error', from: { path: '^src/publish/' }, to: { path: '^src/watch/' } },
    { name: 'doors-out-never-import-doors-in', severity: 'error', from: { path: '^src/watch/' }, to: { path: '^src/publish/' } },
    only('push-is-a-client', '^src/push/', '^src/(push|protocol|media|config)/|^src/publish/ffmpeg/|^src/(relay/clock|core/(backoff|redact|guard|faults))'),
    { name: 'only-the-top-imports-the-top', severity: 'error', from: { path: '^src/[^/]+/' }, to: { path: '^src/(app\\.module|main|relay-process|supervise|supervisor|cli)\\.ts$' } },
    only('player-imports-only-protocol-and-media', '^player/', '^(player/|src/(protocol|media)/)'),
    { name: 'the-supervisor-is-small', severity: 'error', from: { path: '^src/supervise\\.ts$' }, to: { path: 'node_modules/(@nestjs|ws|express)/', reachable: true } },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: ['\\.d\\.ts$', '^src/(main|cli)\\.ts$', '^player/(vite\\.config\\.mts|pages/)'] }, to: {} },
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
