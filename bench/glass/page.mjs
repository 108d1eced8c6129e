// The page in which bench:glass measures a player, or publishes.
import { GlassMeter } from './meter.mjs';
import { PLAYERS } from './players.mjs';
import { GlassPublisher } from './publisher.mjs';

const meter = new GlassMeter();
Object.assign(globalThis, {
  glass: {
    meter,
    publisher: new GlassPublisher(),
    /** @param {{ player: string, url: string, sound: boolean, target?: string }} what */
    start: ({ player, ...place }) => PLAYERS[player]?.({ ...place, meter }),
  },
});
