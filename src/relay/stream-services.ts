import type { Clock, Failed } from './clock';
import type { DeliveryPace } from './delivery-pace';
import type { DeliveryTick } from './delivery-tick';
import type { RelayLimits } from './relay-limits';
import type { RelayObserver } from './relay-observer';
import type { RelayTotals } from './relay-totals';

/** What all streams of a relay share. */
export interface StreamServices {
  readonly clock: Clock;
  readonly limits: RelayLimits;
  readonly tick: DeliveryTick;
  readonly pace: DeliveryPace;
  readonly totals: RelayTotals;
  readonly observers: RelayObserver;
  /** Takes what listeners, publishers' doors and viewers throw. */
  readonly failed: Failed;
}
