#!/usr/bin/env node
// Builds the server and the player: npm run build.
import { build } from './parts.mjs';

try {
  await build((line) => console.log(line), { all: true });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
