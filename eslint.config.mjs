import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { UNGUARDED } from './eslint.unguarded.mjs';

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '.cache/'] },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', require: 'readonly', module: 'readonly', URL: 'readonly', Buffer: 'readonly', setTimeout: 'readonly', clearTimeout: 'readonly', setInterval: 'readonly', clearInterval: 'readonly', performance: 'readonly', AbortController: 'readonly', AbortSignal: 'readonly', fetch: 'readonly', __dirname: 'readonly' },
    },
  },
  {
    files: ['samples/**/*.js'],
    languageOptions: {
      globals: { document: 'readonly', location: 'readonly', navigator: 'readonly', MediaRecorder: 'readonly', MediaSource: 'readonly', URLSearchParams: 'readonly', WebSocket: 'readonly' },
    },
  },
  {
    files: ['bench/glass/{meter,players,publisher,web-codecs}.mjs'],
    languageOptions: {
      globals: { document: 'readonly', location: 'readonly', navigator: 'readonly', queueMicrotask: 'readonly', requestAnimationFrame: 'readonly', EncodedVideoChunk: 'readonly', ImageData: 'readonly', VideoDecoder: 'readonly', WebSocket: 'readonly' },
    },
  },
  {
    files: ['**/*.{ts,mts}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './player/tsconfig.json', './test/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
    },
  },
  { files: ['player/vite.config.mts'], extends: [tseslint.configs.disableTypeChecked], languageOptions: { parserOptions: { project: null } } },
  // The two that guard what others run.
  { files: ['src/**/*.ts'], ignores: ['src/base/guard.ts', 'src/relay/clock.ts'], rules: UNGUARDED },
  // Its timer must not keep a process from ending, as that of a Clock does.
  { files: ['src/base/create-log.ts'], rules: { 'no-restricted-globals': 'off' } },
  // Its last timer must not keep a client from ending, as that of a Clock does.
  { files: ['src/push/push-command.ts'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/no-unsafe-assignment': 'off' } },
);
