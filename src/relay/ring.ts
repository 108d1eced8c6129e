const LEAST_CAPACITY = 16;

/** A queue that can be looked into: what is added at its end and taken from its front moves nothing else. It keeps no reference to what was taken. */
export class Ring<Item> {
  /** As many places as a power of two, so that a place is found by a mask. */
  #places: (Item | undefined)[] = new Array<Item | undefined>(LEAST_CAPACITY).fill(undefined);
  /** Place of the first item. */
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The item at `index`, counted from the front; nothing where there is none. */
  at(index: number): Item | undefined {
    return index >= 0 && index < this.#length ? this.#places[this.#placeOf(index)] : undefined;
  }

  /** Adds an item at the end. */
  push(item: Item): void {
    if (this.#length === this.#places.length) this.#grow();
    this.#places[this.#placeOf(this.#length)] = item;
    this.#length++;
  }

  /** Takes the item at the front. */
  shift(): Item | undefined {
    const item = this.at(0);
    if (this.#length === 0) return undefined;
    this.#places[this.#first] = undefined;
    this.#first = this.#placeOf(1);
    this.#length--;
    return item;
  }

  /** The items from `index` up to `end`, in order. */
  from(index: number, end = this.#length): Item[] {
    const items: Item[] = [];
    for (let i = Math.max(0, index); i < end; i++) items.push(this.#places[this.#placeOf(i)] as Item);
    return items;
  }

  #placeOf(index: number): number {
    return (this.#first + index) & (this.#places.length - 1);
  }

  #grow(): void {
    const places: (Item | undefined)[] = this.from(0);
    const capacity = places.length * 2;
    while (places.length < capacity) places.push(undefined);
    this.#places = places;
    this.#first = 0;
  }
}
