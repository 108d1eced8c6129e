/** What an encoder gave. */
export function chunkBytes(chunk: EncodedVideoChunk | EncodedAudioChunk): Uint8Array {
  const bytes = new Uint8Array(chunk.byteLength);
  chunk.copyTo(bytes);
  return bytes;
}

/** A copy of the description that a decoder needs, if there is one. */
export function descriptionBytes({ description }: { readonly description?: AllowSharedBufferSource } = {}): Uint8Array | undefined {
  if (description === undefined) return undefined;
  return ArrayBuffer.isView(description) ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength).slice() : new Uint8Array(description).slice();
}
