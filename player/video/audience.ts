/** Whether anybody sees or hears a video while its page is hidden. */
export class Audience {
  readonly #video: HTMLVideoElement;
  readonly #media: { readonly hasSound: boolean };

  constructor(video: HTMLVideoElement, media: { readonly hasSound: boolean }) {
    this.#video = video;
    this.#media = media;
  }

  /** Whether nobody would hear it. */
  get isSilent(): boolean {
    return !this.#media.hasSound || this.#video.muted || this.#video.volume === 0;
  }

  /** Whether it is seen only in its page. */
  get isInPage(): boolean {
    return document.pictureInPictureElement === null || !this.#video.matches(':picture-in-picture');
  }
}
