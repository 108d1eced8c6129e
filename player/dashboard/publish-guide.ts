import { html, nothing, render, type TemplateResult } from 'lit';
import { isStreamName } from '../../src/protocol/stream-name';
import './copy-line';
import { encodeLine, type PublishPlace, publishPlace, pushLine } from './publish-lines';

/** Tells how to publish: a name, a link to the studio, and lines for ffmpeg that use it. */
export class PublishGuide {
  readonly #root: HTMLElement;
  readonly #place: PublishPlace = publishPlace(location);
  #name = 'cam';
  #valid = true;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#render();
  }

  readonly #onInput = (event: Event): void => {
    const name = (event.target as HTMLInputElement).value.trim();
    this.#valid = isStreamName(name);
    if (this.#valid) this.#name = name;
    this.#render();
  };

  #render(): void {
    render([this.#elsewhere(), this.#nameField(), html`<div class="guides">${this.#fromWebcam()}${this.#fromFfmpeg()}</div>`], this.#root);
  }

  #elsewhere(): TemplateResult | typeof nothing {
    if (this.#place.here) return nothing;
    return html`<p class="notice">
      Only the machine that runs the relay may publish. Open this page there, or copy the lines below to it.
    </p>`;
  }

  #nameField(): TemplateResult {
    return html`
      <div class="name">
        <label for="stream-name">Name of your stream</label>
        <input id="stream-name" .value=${'cam'} maxlength="64" spellcheck="false" autocapitalize="off" autocomplete="off"
          aria-invalid=${this.#valid ? 'false' : 'true'} aria-describedby="name-rule" @input=${this.#onInput} />
        <span id="name-rule" class=${this.#valid ? 'rule' : 'rule broken'} aria-live="polite">
          ${this.#valid ? nothing : html`Not a name: it takes`} 1 to 64 letters, digits, “_” or “-”, beginning with a letter or digit
        </span>
      </div>
    `;
  }

  #fromWebcam(): TemplateResult {
    const address = `http://${this.#place.host}publish/${this.#name}`;
    return html`
      <section class="card">
        <h3>From a webcam or screen</h3>
        <p>In the browser, with nothing to install.</p>
        ${this.#place.here
          ? html`<a class="button primary" href="publish/${this.#name}">Open the studio</a>`
          : html`<copy-line text=${address} label="the address of the studio"></copy-line>`}
      </section>
    `;
  }

  #fromFfmpeg(): TemplateResult {
    return html`
      <section class="card">
        <h3>From a file, with ffmpeg</h3>
        <p>As it is, if browsers play its codecs (H.264 with AAC, for example):</p>
        <copy-line text=${pushLine(this.#place.host, this.#name)} label="the line that pushes a file as it is"></copy-line>
        <p>Any other file, encoded on the way, and with the least delay:</p>
        <copy-line text=${encodeLine(this.#place.host, this.#name)} label="the line that encodes a file"></copy-line>
      </section>
    `;
  }
}
