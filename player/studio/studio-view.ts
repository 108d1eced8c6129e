import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import '../dashboard/copy-line';
import { formatBitrate, formatDuration } from '../words/format';
import type { BroadcastPhase } from './broadcast';
import { ANY_DEVICE, NO_DEVICE } from './capture';
import { QUALITIES } from './recorder-quality';
import type { Studio } from './studio';
import type { Trouble } from './trouble';

/** What each phase is called, on the sign and aloud. */
const PHASES: Readonly<Record<BroadcastPhase, { sign: string; words: string }>> = {
  off: { sign: 'Off air', words: 'You are off air: nobody sees you' },
  connecting: { sign: 'Connecting', words: 'Connecting to the relay' },
  live: { sign: 'On air', words: 'You are on air' },
  retrying: { sign: 'Reconnecting', words: 'The connection is lost. Trying again' },
  stopping: { sign: 'Stopping', words: 'Sending the last second' },
};

/** How the document is titled, so that a tab in the background tells it too. */
export function studioTitle({ phase, name }: Studio): string {
  const sign = phase === 'off' ? '' : `${phase === 'live' ? '●' : '○'} ${PHASES[phase].sign} · `;
  return `${sign}${name} · Studio · Sluice`;
}

/** The studio as it stands. */
export function studioView(studio: Studio): TemplateResult {
  return html`
    <div class="stage">${picture(studio)} ${studio.able ? switches(studio) : nothing}</div>
    <div class="desk">
      ${studio.able ? onAir(studio) : nothing}
      <div class="troubles" role="alert">${studio.troubles.map(notice)}</div>
      ${studio.able ? [sources(studio), advanced(studio)] : nothing} ${shareLink(studio)}
    </div>
  `;
}

function picture(studio: Studio): TemplateResult {
  const { capture, phase, asking } = studio;
  const mirrored = capture?.source === 'camera' && !facesAway(capture.stream);
  // Without `live` Lit would give the video its stream anew each time that a figure changes, and the picture would begin again.
  return html`
    <div class="picture" data-phase=${phase}>
      <video
        class=${mirrored ? 'mirrored' : ''}
        aria-label=${mirrored ? 'Preview, mirrored for you' : 'Preview'}
        autoplay
        muted
        playsinline
        .muted=${true}
        .srcObject=${live(capture?.stream ?? null)}
        ?hidden=${capture === undefined}
      ></video>
      ${capture === undefined ? empty(studio, asking) : nothing}
      ${capture !== undefined && !studio.pictureOn ? html`<p class="covered">The picture is off: viewers see black</p>` : nothing}
      <p class="sign ${phase}">
        <span>${PHASES[phase].sign}</span>
        ${phase === 'live' ? html`<time>${liveTime(studio)}</time>` : nothing}
      </p>
    </div>
  `;
}

function empty(studio: Studio, asking: boolean): TemplateResult {
  if (!studio.able) return html`<p class="empty">No preview</p>`;
  if (studio.looking) return html`<p class="empty"></p>`;
  if (asking) return html`<p class="empty">Answer the browser’s question: may this page use what you chose?</p>`;
  return html`
    <div class="empty">
      <p>Only you see the preview, until you go live.</p>
      <button type="button" class="button primary" @click=${() => void studio.preview({ source: 'camera' })}>Start camera</button>
      ${studio.sharesScreens ? html`<button type="button" class="button" @click=${() => void studio.preview({ source: 'screen' })}>Share a screen</button>` : nothing}
    </div>
  `;
}

function switches(studio: Studio): TemplateResult | typeof nothing {
  const { capture } = studio;
  if (capture === undefined) return nothing;
  const what = capture.source === 'screen' ? 'Screen' : 'Camera';
  const hasMicrophone = capture.microphone !== undefined;
  return html`
    <div class="switches">
      <button type="button" class="button ${studio.pictureOn ? 'on' : 'off'}" @click=${() => studio.setPicture(!studio.pictureOn)}>
        ${what} ${studio.pictureOn ? 'on' : 'off'}
      </button>
      <button type="button" class="button ${hasMicrophone && studio.microphoneOn ? 'on' : 'off'}" ?disabled=${!hasMicrophone} @click=${() => studio.setMicrophone(!studio.microphoneOn)}>
        ${hasMicrophone ? `Microphone ${studio.microphoneOn ? 'on' : 'off'}` : 'No microphone'}
      </button>
      ${hasMicrophone ? html`<meter id="level" aria-label="Level of the microphone" min="0" max="1" low="0.25" high="0.95" optimum="0.6"></meter>` : nothing}
    </div>
  `;
}

function onAir(studio: Studio): TemplateResult {
  const { phase, capture, figures, note } = studio;
  return html`
    <section class="card on-air" aria-label="Broadcast">
      <p class="state" role="status">${PHASES[phase].words}</p>
      ${phase === 'off' ? goLiveButton(studio, capture !== undefined) : stopButton(studio)}
      <dl class="figures" ?hidden=${phase === 'off'}>
        <div><dt>Live</dt><dd>${liveTime(studio)}</dd></div>
        <div><dt>Sent</dt><dd>${formatBitrate(figures.bitrate)}</dd></div>
        <div><dt>Viewers</dt><dd id="viewers">${figures.viewers}</dd></div>
      </dl>
      ${note === undefined ? nothing : html`<p class="note">${note}</p>`}
    </section>
  `;
}

function goLiveButton(studio: Studio, ready: boolean): TemplateResult {
  return html`
    <button type="button" class="button danger big" ?disabled=${!ready} @click=${() => studio.goLive()}>Go live</button>
    ${ready ? nothing : html`<p class="note">Start the camera or share a screen first.</p>`}
  `;
}

function stopButton(studio: Studio): TemplateResult {
  return html`<button type="button" class="button big" ?disabled=${studio.phase === 'stopping'} @click=${() => void studio.stop()}>Stop</button>`;
}

function sources(studio: Studio): TemplateResult {
  const { choice, capture, sharesScreens } = studio;
  const source = (id: 'camera' | 'screen', label: string): TemplateResult => html`
    <button type="button" class="button" aria-pressed=${capture?.source === id} @click=${() => void studio.preview({ source: id })}>${label}</button>
  `;
  return html`
    <section class="card sources" aria-label="Picture and sound">
      <div class="pair" role="group" aria-label="Source of the picture">${source('camera', 'Camera')} ${sharesScreens ? source('screen', 'Screen') : nothing}</div>
      ${choice.source === 'camera' ? deviceMenu(studio, 'camera') : nothing} ${deviceMenu(studio, 'microphone')}
    </section>
  `;
}

const MENUS = {
  camera: { kind: 'videoinput', label: 'Camera', any: 'Any camera', none: 'No camera (black picture)' },
  microphone: { kind: 'audioinput', label: 'Microphone', any: 'Any microphone', none: 'No microphone' },
} as const;

function deviceMenu(studio: Studio, what: keyof typeof MENUS): TemplateResult {
  const { kind, label, any, none } = MENUS[what];
  const chosen = studio.choice[what];
  const choose = (event: Event): void => void studio.choose({ [what]: (event.target as HTMLSelectElement).value });
  const devices = studio.devices(kind).map((device, index) => option(device.deviceId, device.label === '' ? `${label} ${index + 1}` : device.label, chosen));
  return html`
    <label class="field">
      <span>${label}</span>
      <select .value=${live(chosen)} @change=${choose} ?disabled=${studio.asking}>
        ${chosen === ANY_DEVICE ? option(ANY_DEVICE, any, chosen) : nothing} ${devices} ${option(NO_DEVICE, none, chosen)}
      </select>
    </label>
  `;
}

function advanced(studio: Studio): TemplateResult {
  const value = (event: Event): string => (event.target as HTMLSelectElement).value;
  const quality = studio.quality.id;
  const type = studio.type?.id ?? '';
  return html`
    <details class="card">
      <summary>Advanced</summary>
      <label class="field">
        <span>Quality</span>
        <select id="quality" @change=${(event: Event) => void studio.setQuality(value(event))}>
          ${QUALITIES.map(({ id, label }) => option(id, label, quality))}
        </select>
      </label>
      <label class="field">
        <span>Format</span>
        <select id="type" @change=${(event: Event) => void studio.setType(value(event))}>
          ${studio.types.map(({ id, label }) => option(id, label, type))}
        </select>
      </label>
      <p class="note">WebM reaches viewers soonest. MP4 plays on more devices, about a second later.</p>
    </details>
  `;
}

function option(value: string, label: string, chosen: string): TemplateResult {
  return html`<option value=${value} ?selected=${value === chosen}>${label}</option>`;
}

function shareLink({ name }: Studio): TemplateResult {
  const path = `/watch/${name}`;
  return html`
    <section class="card share" aria-label="Where to watch">
      <p>Viewers watch at</p>
      <copy-line text=${`${location.origin}${path}`} label="the address of the watch page"></copy-line>
      <a href=${path} target="_blank" rel="noopener">Open the watch page</a>
    </section>
  `;
}

function notice({ title, remedy, link }: Trouble): TemplateResult {
  return html`
    <div class="notice error">
      <strong>${title}</strong>
      <p>${remedy} ${link === undefined ? nothing : html`<a href=${link.href}>${link.text}</a>`}</p>
    </div>
  `;
}

function liveTime({ figures: { since } }: Studio): string {
  return formatDuration(since === undefined ? 0 : performance.now() - since);
}

/** The camera at the back of a phone shows what is there as it is. */
function facesAway(stream: MediaStream): boolean {
  return stream.getVideoTracks()[0]?.getSettings().facingMode === 'environment';
}
