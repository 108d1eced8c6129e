/** `moof` and `mdat` of a fragment, joined. */
export interface FragmentData {
  readonly bytes: Uint8Array;
  /** What is to be added to a place counted from `moof` in the publisher's stream: less than 0 where something lay between the two. */
  readonly shift: number;
}
