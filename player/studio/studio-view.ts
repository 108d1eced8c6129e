import { html, nothing, type TemplateResult } from 'lit/html.js';
import { live } from 'lit/directives/live.js';
import type { EncoderChoice, VideoCodec } from '../publisher/publisher-options';
import { formatBitrate, formatDuration } from '../words/format';
import { codecName } from '../words/media-words';
import { ANY_DEVICE, NO_DEVICE, type PictureSource } from './capture';
import type { StudioState } from './on-air';
import type { Corner } from './picture-layout';
import { BITRATE_RANGE, CUSTOM, FRAME_RATES, HEIGHTS, PRESETS } from './quality';
import type { Studio } from './studio';
import { CODECS, ENCODERS } from './studio-settings';
import type { Trouble } from './trouble';

/** What each state is called, on the sign and aloud. */
export const STATE_WORDS: Readonly<Record<StudioState, { sign: string; words: string }>> = {
  off: { sign: 'Off air', words: 'You are off air: nobody sees you' },
  connecting: { sign: 'Connecting', words: 'Connecting to the relay' },
  live: { sign: 'On air', words: 'You are on air' },
  reconnecting: { sign: 'Reconnecting', words: 'The connection is lost. Trying again' },
  stopping: { sign: 'Stopping', words: 'Sending the last second' },
};

/** The studio as it stands. `copied`: what came of copying the link just now. */
export function studioView(studio: Studio, { controls, copied, copy, share }: ViewOptions): TemplateResult {
  const shown = controls && studio.able;
  return html`
    <div class="studio">
      <div class="stage">${picture(studio, controls)} ${shown ? switches(studio) : nothing}</div>
      <div class="desk">
        ${shown ? onAir(studio) : nothing}
        <div class="troubles" part="troubles" role="alert">${studio.troubles.map((trouble) => notice(trouble, 'error'))}</div>
        <div class="troubles" part="warnings" role="status">${studio.warnings.map((warning) => notice(warning, ''))}</div>
        ${controls ? shareLink(studio, { copied, copy, share }) : nothing}
      </div>
      ${shown ? html`<div class="choices">${sources(studio)} ${advanced(studio)}</div>` : nothing}
    </div>
  `;
}

interface ViewOptions {
  /** Whether there are buttons and menus, or only the picture, its sign and what is wrong. */
  readonly controls: boolean;
  readonly copied: string | undefined;
  readonly copy: () => void;
  readonly share: (() => void) | undefined;
}

function picture(studio: Studio, controls: boolean): TemplateResult {
  const { state } = studio;
  const { capture, asking } = studio.preview;
  // Without `live` Lit would give the video its stream anew each time that a figure changes, and the picture would begin again.
  return html`
    <div class="picture" part="picture" data-state=${state}>
      <video
        part="preview"
        aria-label="Preview: what viewers see"
        autoplay
        muted
        playsinline
        .muted=${true}
        .srcObject=${live(capture?.stream ?? null)}
        ?hidden=${capture === undefined}
      ></video>
      ${capture === undefined ? empty(studio, { asking, controls }) : nothing}
      ${capture !== undefined && !studio.preview.pictureOn ? html`<p class="covered">The picture is off: viewers see black</p>` : nothing}
      <p class="sign ${state}" part="sign">
        <span>${STATE_WORDS[state].sign}</span>
        ${state === 'live' ? html`<time>${liveTime(studio)}</time>` : nothing}
      </p>
      ${controls ? nothing : html`<p class="quiet-state" role="status">${STATE_WORDS[state].words}</p>`}
    </div>
  `;
}

function empty(studio: Studio, { asking, controls }: { asking: boolean; controls: boolean }): TemplateResult {
  if (!studio.able) return html`<p class="empty">No preview</p>`;
  if (studio.looking) return html`<p class="empty"></p>`;
  if (asking) return html`<p class="empty">Answer the browser’s question: may this page use what you chose?</p>`;
  if (!controls) return html`<p class="empty">The camera is off</p>`;
  return html`
    <div class="empty">
      <p>Only you see the preview, until you go live.</p>
      <button type="button" class="button primary" @click=${() => void studio.preview.open({ source: 'camera' })}>Start camera</button>
      ${studio.sharesScreens ? html`<button type="button" class="button" @click=${() => void studio.preview.open({ source: 'screen' })}>Share a screen</button>` : nothing}
    </div>
  `;
}

const SOURCE_NAMES: Readonly<Record<PictureSource, string>> = { camera: 'Camera', screen: 'Screen', both: 'Picture' };

function switches(studio: Studio): TemplateResult | typeof nothing {
  const { capture } = studio.preview;
  if (capture === undefined) return nothing;
  const hasMicrophone = capture.microphone !== undefined;
  return html`
    <div class="switches">
      <button type="button" class="button ${studio.preview.pictureOn ? 'on' : 'off'}" aria-keyshortcuts="v" @click=${() => (studio.preview.pictureOn = !studio.preview.pictureOn)}>
        ${SOURCE_NAMES[capture.source]} ${studio.preview.pictureOn ? 'on' : 'off'}
      </button>
      <button type="button" class="button ${hasMicrophone && studio.preview.microphoneOn ? 'on' : 'off'}" aria-keyshortcuts="m" ?disabled=${!hasMicrophone} @click=${() => (studio.preview.microphoneOn = !studio.preview.microphoneOn)}>
        ${hasMicrophone ? `Microphone ${studio.preview.microphoneOn ? 'on' : 'off'}` : 'No microphone'}
      </button>
      ${studio.preview.hasOtherCamera ? html`<button type="button" class="button" ?disabled=${studio.preview.asking} @click=${() => void studio.preview.switchCamera()}>Switch camera</button>` : nothing}
      ${hasMicrophone ? html`<meter id="level" aria-label="Level of the microphone" min="0" max="1" low="0.25" high="0.95" optimum="0.6"></meter>` : nothing}
    </div>
  `;
}

function onAir(studio: Studio): TemplateResult {
  const { state } = studio;
  const { capture } = studio.preview;
  return html`
    <section class="card on-air" aria-label="Broadcast">
      <p class="state" role="status">${STATE_WORDS[state].words}</p>
      ${state === 'off' ? goLiveButton(studio, capture !== undefined) : stopButton(studio)} ${state === 'off' ? nothing : figures(studio)}
    </section>
  `;
}

function goLiveButton(studio: Studio, ready: boolean): TemplateResult {
  return html`
    <button type="button" class="button danger big" part="go-live" ?disabled=${!ready} @click=${() => studio.goLive()}>Go live</button>
    ${ready ? nothing : html`<p class="note">Start the camera or share a screen first.</p>`}
  `;
}

function stopButton(studio: Studio): TemplateResult {
  return html`<button type="button" class="button big" part="stop" ?disabled=${studio.state === 'stopping'} @click=${() => void studio.stop()}>Stop</button>`;
}

function figures(studio: Studio): TemplateResult {
  const { stats } = studio;
  const ms = (value: number | undefined): string => (value === undefined ? '–' : value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);
  const figure = (id: string, name: string, value: string, title = ''): TemplateResult => html`<div title=${title}><dt>${name}</dt><dd id=${id}>${value}</dd></div>`;
  const { loweredTo } = studio;
  return html`
    <dl class="figures" part="figures">
      ${figure('time', 'Live', liveTime(studio))} ${figure('viewers', 'Viewers', String(stats?.viewers ?? 0))}
      ${figure('latency', 'Delay', ms(stats?.latency), 'From your camera to the viewers’ screens, as they report it')}
      ${figure('bitrate', 'Sent', formatBitrate(stats?.bitrate ?? 0), 'What the relay receives')}
      ${figure('frame-rate', 'Pictures', stats === undefined || stats.frameRate === 0 ? '–' : `${stats.frameRate.toFixed(0)}/s`)}
      ${figure('dropped', 'Left out', String(stats?.droppedFrames ?? 0), 'Pictures that were not sent, because the computer or the upload was too slow')}
      ${figure('round-trip', 'Round trip', ms(stats?.roundTrip), 'To the relay and back')}
      <div class="wide" title=${stats?.codec ?? ''}><dt>Encoder</dt><dd id="encoder">${encoderWords(studio)}</dd></div>
    </dl>
    ${loweredTo === undefined ? nothing : html`<p class="note">Your upload carries no more: the picture is lowered to ${formatBitrate(loweredTo)}</p>`}
  `;
}

function encoderWords({ stats }: Studio): string {
  if (stats === undefined) return '–';
  const name = stats.encoder === 'webcodecs' ? 'WebCodecs' : 'Recorder';
  return stats.codec === '' ? name : `${name} · ${stats.codec.split(', ').map(codecName).join(' + ')}`;
}

const SOURCES: readonly { readonly id: PictureSource; readonly label: string }[] = [
  { id: 'camera', label: 'Camera' },
  { id: 'screen', label: 'Screen' },
  { id: 'both', label: 'Camera over screen' },
];

const CORNER_NAMES: Readonly<Record<Corner, string>> = { 'top-left': 'Top left', 'top-right': 'Top right', 'bottom-left': 'Bottom left', 'bottom-right': 'Bottom right' };

function sources(studio: Studio): TemplateResult {
  const { sharesScreens, settings } = studio;
  const { capture, source, asking } = studio.preview;
  const button = ({ id, label }: (typeof SOURCES)[number]): TemplateResult => html`
    <button type="button" class="button" aria-pressed=${capture?.source === id} ?disabled=${asking} @click=${() => void studio.preview.open({ source: id })}>${label}</button>
  `;
  return html`
    <section class="card sources" aria-label="Picture and sound">
      ${sharesScreens ? html`<div class="choice" role="group" aria-label="Source of the picture">${SOURCES.map(button)}</div>` : nothing}
      ${source === 'both' ? field('corner', 'Camera’s place', menu(CORNER_NAMES, settings.corner, (corner) => studio.setCorner(corner))) : nothing}
      ${source === 'screen' ? nothing : deviceMenu(studio, 'camera')} ${deviceMenu(studio, 'microphone')}
    </section>
  `;
}

const MENUS = {
  camera: { kind: 'videoinput', label: 'Camera', any: 'Any camera', none: 'No camera (black picture)' },
  microphone: { kind: 'audioinput', label: 'Microphone', any: 'Any microphone', none: 'No microphone' },
} as const;

function deviceMenu(studio: Studio, what: keyof typeof MENUS): TemplateResult {
  const { kind, label, any, none } = MENUS[what];
  const listed = studio.preview.devices(kind);
  const wanted = studio.settings[what];
  // A device of an earlier visit that isn't there now, or has no name before permission is given.
  const chosen = wanted === NO_DEVICE || listed.some(({ deviceId }) => deviceId === wanted) ? wanted : ANY_DEVICE;
  const choose = (event: Event): void => void studio.preview.choose({ [what]: (event.target as HTMLSelectElement).value });
  return html`
    <label class="field">
      <span>${label}</span>
      <select .value=${live(chosen)} @change=${choose} ?disabled=${studio.preview.asking}>
        ${chosen === ANY_DEVICE ? option(ANY_DEVICE, any, chosen) : nothing}
        ${listed.map((device, index) => option(device.deviceId, device.label === '' ? `${label} ${index + 1}` : device.label, chosen))}
        ${option(NO_DEVICE, none, chosen)}
      </select>
    </label>
  `;
}

const ENCODER_NAMES: Readonly<Record<EncoderChoice, string>> = { auto: 'Automatic', webcodecs: 'WebCodecs: frame by frame', mediarecorder: 'Recorder: works everywhere' };
const CODEC_NAMES: Readonly<Record<VideoCodec, string>> = { auto: 'Automatic', h264: 'H.264: plays everywhere', vp9: 'VP9', av1: 'AV1: smallest, slow to encode', vp8: 'VP8' };

function advanced(studio: Studio): TemplateResult {
  const { settings, quality } = studio;
  const presets = Object.fromEntries([...PRESETS.map(({ id, label }) => [id, label]), [CUSTOM, 'Custom']]) as Record<string, string>;
  const numbers = (all: readonly number[], now: number, unit: string): Record<string, string> =>
    Object.fromEntries([...new Set([...all, now])].sort((a, b) => a - b).map((value) => [String(value), `${value}${unit}`]));
  const custom = html`
    <div class="custom">
      ${field('height', 'Lines', menu(numbers(HEIGHTS, quality.height, 'p'), String(quality.height), (value) => void studio.setCustom({ height: Number(value) })))}
      ${field('frame-rate-limit', 'Pictures/s', menu(numbers(FRAME_RATES, quality.frameRate, ''), String(quality.frameRate), (value) => void studio.setCustom({ frameRate: Number(value) })))}
      ${field(
        'bitrate-limit',
        'kbit/s',
        html`<input
          id="bitrate-limit"
          type="number"
          min=${BITRATE_RANGE.least / 1000}
          max=${BITRATE_RANGE.most / 1000}
          step="100"
          .value=${kilobits(studio)}
          @change=${(event: Event) => setBitrate(studio, event.target as HTMLInputElement)}
        />`,
      )}
    </div>
  `;
  return html`
    <details class="card">
      <summary>Advanced</summary>
      ${field('quality', 'Quality, at most', menu(presets, settings.quality, (id) => void studio.setQuality(id)))} ${settings.quality === CUSTOM ? custom : nothing}
      ${field('encoder-choice', 'Encoder', menu(named(ENCODERS, ENCODER_NAMES), settings.encoder, (encoder) => studio.setEncoder(encoder)))}
      ${field('codec', 'Codec of the picture', menu(named(CODECS, CODEC_NAMES), settings.codec, (codec) => studio.setCodec(codec)))}
      <p class="note">What your upload doesn’t carry is lowered by itself. What you choose here is remembered in this browser.</p>
    </details>
  `;
}

function kilobits({ quality }: Studio): string {
  return String(Math.round(quality.bitrate / 1000));
}

/** Shows what has become of it: what is typed is left alone by figures that change, and may be out of range. */
function setBitrate(studio: Studio, input: HTMLInputElement): void {
  void studio.setCustom({ bitrate: input.valueAsNumber * 1000 });
  input.value = kilobits(studio);
}

function named<Id extends string>(ids: readonly Id[], names: Readonly<Record<Id, string>>): Readonly<Record<Id, string>> {
  return Object.fromEntries(ids.map((id) => [id, names[id]])) as Record<Id, string>;
}

function field(id: string, label: string, control: TemplateResult | ((id: string) => TemplateResult)): TemplateResult {
  return html`<label class="field"><span>${label}</span>${typeof control === 'function' ? control(id) : control}</label>`;
}

function menu<Id extends string>(names: Readonly<Record<Id, string>>, chosen: Id, choose: (id: Id) => void): (id: string) => TemplateResult {
  return (id) => html`
    <select id=${id} .value=${live(chosen)} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as Id)}>
      ${(Object.keys(names) as Id[]).map((key) => option(key, names[key], chosen))}
    </select>
  `;
}

function option(value: string, label: string, chosen: string): TemplateResult {
  return html`<option value=${value} ?selected=${value === chosen}>${label}</option>`;
}

function shareLink({ watchUrl }: Studio, { copied, copy, share }: Pick<ViewOptions, 'copied' | 'copy' | 'share'>): TemplateResult {
  return html`
    <section class="card share" aria-label="Where to watch">
      <p>Viewers watch at</p>
      <code>${watchUrl}</code>
      <div class="choice">
        <button type="button" class="button" aria-label=${copied ?? 'Copy the address of the watch page'} @click=${copy}>${copied ?? 'Copy'}</button>
        ${share === undefined ? nothing : html`<button type="button" class="button" @click=${share}>Share</button>`}
        <a class="button" href=${watchUrl} target="_blank" rel="noopener">Open</a>
      </div>
    </section>
  `;
}

function notice({ title, remedy, link }: Trouble, kind: string): TemplateResult {
  return html`
    <div class="notice ${kind}" part="notice">
      <strong>${title}</strong>
      <p>${remedy} ${link === undefined ? nothing : html`<a href=${link.href}>${link.text}</a>`}</p>
    </div>
  `;
}

function liveTime({ since }: Studio): string {
  return formatDuration(since === undefined ? 0 : performance.now() - since);
}
