// The page in which bench:glass measures a player.
import { GlassMeter } from './glass-meter.mjs';
import { PLAYERS } from './glass-players.mjs';

const meter = new GlassMeter();
Object.assign(globalThis, {
  glass: {
    meter,
    /** @param {{ player: string, url: string, sound: boolean, target?: string }} what */
    start: ({ player, ...place }) => PLAYERS[player]?.({ ...place, meter }),
  },
});
