// The page in which bench:glass measures a player.
import { GlassMeter } from './glass-meter.mjs';
import { PLAYERS } from './glass-players.mjs';

const meter = new GlassMeter();
Object.assign(globalThis, {
  glass: {
    meter,
    /** @param {{ player: string, url: string, sound: boolean }} what */
    start: ({ player, url, sound }) => PLAYERS[player]?.({ url, sound, meter }),
  },
});
