/**
 * How a file is made.
 * @typedef {object} Recipe
 * @property {string} name Of the file.
 * @property {readonly string[]} args What ffmpeg is given, without the output. `{NAME}` stands for the path of a file that was made before.
 */

/** Seconds. */
const LENGTH = 3;
const RATE = 24;
const PICTURE = ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=${RATE}:duration=${LENGTH}`];
/** Beeps that aren't regular, so that a displacement can be measured. */
const BEEPS = ['-f', 'lavfi', '-i', `aevalsrc='0.4*sin(2*PI*440*t)*gt(mod(t*t,0.5),0.25)':s=48000:d=${LENGTH}`];
const BOTH = [...PICTURE, ...BEEPS];

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', String(RATE)];
const H264 = [...X264, '-bf', '0'];
const H264_B = [...X264, '-bf', '2'];
const X265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-g', String(RATE), '-tag:v', 'hvc1', '-x265-params'];
const HEVC = [...X265, 'log-level=none:open-gop=0', '-pix_fmt', 'yuv420p'];
const VP9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-g', String(RATE)];
const AAC = ['-c:a', 'aac'];
const EXPERIMENTAL = ['-strict', 'experimental'];

/** Codecs of pictures, and the containers that they come in. @type {[string, readonly string[], string][]} */
const VIDEO = [
  ['h264', H264, 'mp4 mov mkv ts m2ts avi flv 3gp h264'],
  ['h264-b', H264_B, 'mp4 mov mkv ts avi flv h264'],
  ['h264-baseline', [...H264, '-profile:v', 'baseline'], 'mp4 ts'],
  ['h264-high', ['-c:v', 'libx264', '-preset', 'medium', '-pix_fmt', 'yuv420p', '-g', '48', '-bf', '4', '-b_strategy', '2', '-refs', '5'], 'mp4 mkv ts'],
  ['h264-open-gop', [...X264, '-bf', '3', '-x264-params', 'open-gop=1:b-pyramid=normal:scenecut=0'], 'mp4 mkv ts'],
  ['h264-intra-refresh', [...X264, '-x264-params', 'intra-refresh=1:bframes=0'], 'mp4 ts'],
  ['h264-interlaced', [...H264_B, '-flags', '+ilme+ildct', '-x264-params', 'tff=1'], 'mp4 ts'],
  ['h264-10bit', [...H264_B, '-pix_fmt', 'yuv420p10le'], 'mp4 mkv'],
  ['h264-422', [...H264_B, '-pix_fmt', 'yuv422p'], 'mp4 mov'],
  ['h264-444', [...H264_B, '-pix_fmt', 'yuv444p'], 'mp4 mkv'],
  ['h264-lossless', [...H264, '-qp', '0'], 'mp4'],
  ['h264-full-range', [...H264, '-vf', 'scale=out_range=full', '-pix_fmt', 'yuvj420p'], 'mp4'],
  ['h264-mono', [...H264, '-pix_fmt', 'gray'], 'mp4'],
  ['h264-all-intra', [...X264, '-g', '1'], 'mov'],
  ['h264-one-keyframe', [...H264, '-g', '1000', '-sc_threshold', '0'], 'mp4 ts'],
  ['hevc', HEVC, 'mp4 mov mkv ts hevc'],
  ['hevc-10bit', [...X265, 'log-level=none:open-gop=0', '-pix_fmt', 'yuv420p10le'], 'mp4 mkv'],
  ['hevc-open-gop', [...X265, 'log-level=none:open-gop=1:bframes=3', '-pix_fmt', 'yuv420p'], 'mp4 ts'],
  ['mpeg2', ['-c:v', 'mpeg2video', '-b:v', '1M', '-bf', '2'], 'mpg ts mkv vob'],
  ['mpeg1', ['-c:v', 'mpeg1video', '-b:v', '1M'], 'mpg'],
  ['mpeg4', ['-c:v', 'mpeg4', '-b:v', '1M', '-bf', '2'], 'mp4 avi mkv'],
  ['xvid', ['-c:v', 'libxvid', '-b:v', '1M'], 'avi'],
  ['msmpeg4', ['-c:v', 'msmpeg4', '-b:v', '1M'], 'avi'],
  ['wmv2', ['-c:v', 'wmv2', '-b:v', '1M'], 'wmv'],
  ['flv1', ['-c:v', 'flv', '-b:v', '1M'], 'flv'],
  ['h263', ['-c:v', 'h263', '-s', '352x288'], '3gp'],
  ['mjpeg', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'], 'avi mov mkv mjpeg'],
  ['png', ['-c:v', 'png'], 'mov'],
  ['gif', [], 'gif'],
  ['vp8', ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-g', String(RATE)], 'webm mkv ivf'],
  ['vp8-alt-ref', ['-c:v', 'libvpx', '-deadline', 'good', '-cpu-used', '5', '-b:v', '300k', '-auto-alt-ref', '1', '-lag-in-frames', '16', '-g', '48'], 'webm'],
  ['vp8-alpha', ['-vf', 'format=yuva420p,colorchannelmixer=aa=0.5', '-c:v', 'libvpx', '-b:v', '500k', '-auto-alt-ref', '0', '-g', '24'], 'webm'],
  ['vp9', VP9, 'webm mp4 mkv'],
  ['vp9-alt-ref', ['-c:v', 'libvpx-vp9', '-deadline', 'good', '-cpu-used', '5', '-b:v', '300k', '-lag-in-frames', '25', '-auto-alt-ref', '1', '-g', '48'], 'webm mp4'],
  ['vp9-alpha', [...VP9, '-vf', 'format=yuva420p,colorchannelmixer=aa=0.5', '-auto-alt-ref', '0'], 'webm'],
  ['vp9-444', [...VP9, '-pix_fmt', 'yuv444p', '-profile:v', '1'], 'webm'],
  ['vp9-10bit', [...VP9, '-pix_fmt', 'yuv420p10le', '-profile:v', '2'], 'mp4'],
  ['av1-aom', ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime', '-b:v', '500k', '-g', String(RATE)], 'mp4 mkv webm'],
  ['av1-svt', ['-c:v', 'libsvtav1', '-preset', '12', '-g', String(RATE)], 'mp4 mkv'],
  ['prores', ['-c:v', 'prores_ks', '-profile:v', '0'], 'mov mkv'],
  ['prores-4444', ['-c:v', 'prores_ks', '-profile:v', '4', '-pix_fmt', 'yuva444p10le'], 'mov'],
  ['dnxhr', ['-c:v', 'dnxhd', '-profile:v', 'dnxhr_lb', '-pix_fmt', 'yuv422p'], 'mov mxf'],
  ['theora', ['-c:v', 'libtheora', '-q:v', '6'], 'ogv mkv'],
  ['ffv1', ['-c:v', 'ffv1'], 'mkv avi'],
  ['huffyuv', ['-c:v', 'huffyuv'], 'avi'],
  ['raw', ['-c:v', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', '160x90'], 'avi mov nut'],
];

/** Sound that goes beside pictures in a container. */
const BESIDE = new Map(Object.entries({ webm: ['-c:a', 'libopus'], ogv: ['-c:a', 'libvorbis'], avi: ['-c:a', 'libmp3lame'], mpg: ['-c:a', 'mp2'], vob: ['-c:a', 'ac3'], wmv: ['-c:a', 'wmav2'], mxf: ['-c:a', 'pcm_s16le'], m2ts: ['-c:a', 'ac3'] }));
/** Containers of pictures alone. */
const MUTE = new Set(['h264', 'hevc', 'mjpeg', 'ivf', 'gif']);

/** Codecs of sound, the containers that they come in alone, and those beside H.264. @type {[string, readonly string[], string, string][]} */
const AUDIO = [
  ['aac', AAC, 'm4a aac mka ts', ''],
  ['aac-5.1', [...AAC, '-ac', '6'], '', 'mp4 ts'],
  ['aac-mono-8k', [...AAC, '-ac', '1', '-ar', '8000'], '', 'mp4 flv'],
  ['aac-96k', [...AAC, '-ar', '96000'], '', 'mp4'],
  ['aac-latm', AAC, '', 'latm.ts'],
  ['mp3', ['-c:a', 'libmp3lame'], 'mp3 mka', 'mp4 mkv ts flv'],
  ['mp2', ['-c:a', 'mp2'], 'mp2', 'ts'],
  ['ac3', ['-c:a', 'ac3'], 'ac3', 'mp4 mkv ts'],
  ['eac3', ['-c:a', 'eac3'], '', 'mp4 mkv'],
  ['dts', ['-c:a', 'dca', ...EXPERIMENTAL], '', 'mkv'],
  ['truehd', ['-c:a', 'truehd', ...EXPERIMENTAL], '', 'mkv'],
  ['opus', ['-c:a', 'libopus'], 'opus webm', 'mp4 mkv ts'],
  ['opus-10ms', ['-c:a', 'libopus', '-frame_duration', '10'], '', 'mp4 mkv'],
  ['opus-60ms', ['-c:a', 'libopus', '-frame_duration', '60'], '', 'mp4'],
  ['vorbis', ['-c:a', 'libvorbis'], 'ogg webm', 'mkv'],
  ['flac', ['-c:a', 'flac'], 'flac ogg', 'mp4 mkv'],
  ['alac', ['-c:a', 'alac'], 'm4a', 'mov mp4'],
  ['pcm', ['-c:a', 'pcm_s16le'], 'wav', 'mov mkv avi'],
  ['pcm-24', ['-c:a', 'pcm_s24le'], 'wav', 'mov'],
  ['pcm-be', ['-c:a', 'pcm_s16be'], 'aiff', 'mov'],
  ['alaw', ['-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1'], 'wav', 'mkv mov'],
  ['mulaw', ['-c:a', 'pcm_mulaw', '-ar', '8000', '-ac', '1'], 'au', 'avi'],
  ['g722', ['-c:a', 'g722', '-ar', '16000', '-ac', '1'], 'wav', ''],
  ['adpcm', ['-c:a', 'adpcm_ima_wav'], 'wav', 'avi'],
  ['gsm', ['-c:a', 'libgsm_ms', '-ar', '8000', '-ac', '1'], 'wav', ''],
  ['speex', ['-c:a', 'libspeex', '-ar', '16000'], 'ogg', 'flv'],
  ['wma', ['-c:a', 'wmav2'], 'wma', ''],
  ['wavpack', ['-c:a', 'wavpack'], 'wv', ''],
];

const SUBTITLES = ['-f', 'srt', '-i', '{subtitles.srt}'];
const TWO_SOUNDS = [...BOTH, '-f', 'lavfi', '-i', `sine=frequency=880:duration=${LENGTH}:sample_rate=48000`, '-map', '0', '-map', '1', '-map', '2'];

/** Files that are out of the ordinary. @type {Recipe[]} */
const ODD = [
  { name: 'portrait.ts', args: ['-f', 'lavfi', '-i', `testsrc2=size=180x320:rate=${RATE}:duration=${LENGTH}`, ...BEEPS, ...H264, ...AAC] },
  { name: 'two-sounds.mp4', args: [...TWO_SOUNDS, ...H264, ...AAC] },
  { name: 'two-sounds.mkv', args: [...TWO_SOUNDS, ...H264, ...AAC, '-disposition:a:0', '0', '-disposition:a:1', 'default'] },
  { name: 'two-sounds.ts', args: [...TWO_SOUNDS, ...H264, ...AAC] },
  { name: 'two-sounds-ac3-first.mkv', args: [...TWO_SOUNDS, ...H264, '-c:a:0', 'ac3', '-c:a:1', 'aac'] },
  { name: 'two-pictures.mp4', args: [...PICTURE, '-f', 'lavfi', '-i', `testsrc=size=160x90:rate=${RATE}:duration=${LENGTH}`, '-map', '1', '-map', '0', ...H264] },
  { name: 'thumbnail-first.mkv', args: [...PICTURE, '-f', 'lavfi', '-i', `testsrc=size=64x36:rate=1:duration=${LENGTH}`, ...BEEPS, '-map', '1', '-map', '0', '-map', '2', ...H264, '-c:v:0', 'mjpeg', '-pix_fmt:v:0', 'yuvj420p', ...AAC, '-disposition:v:0', '0', '-disposition:v:1', 'default'] },
  { name: 'no-sound.mp4', args: [...PICTURE, ...H264_B] },
  { name: 'silent.mp4', args: [...PICTURE, '-f', 'lavfi', '-i', `anullsrc=d=${LENGTH}`, ...H264, ...AAC] },
  { name: 'cover.m4a', args: [...BEEPS, '-i', '{cover.jpg}', '-map', '0', '-map', '1', '-c:a', 'aac', '-c:v', 'copy', '-disposition:v:0', 'attached_pic'] },
  { name: 'cover.mp3', args: [...BEEPS, '-i', '{cover.jpg}', '-map', '0', '-map', '1', '-c:a', 'libmp3lame', '-c:v', 'copy', '-disposition:v:0', 'attached_pic'] },
  { name: 'cover.flac', args: [...BEEPS, '-i', '{cover.jpg}', '-map', '0', '-map', '1', '-c:a', 'flac', '-c:v', 'copy', '-disposition:v:0', 'attached_pic'] },
  { name: 'cover.mp4', args: ['-i', '{h264.mp4}', '-i', '{cover.jpg}', '-map', '0', '-map', '1', '-c', 'copy', '-disposition:v:1', 'attached_pic'] },
  { name: 'rotated.mp4', args: ['-i', '{h264.mp4}', '-c', 'copy', '-metadata:s:v', 'rotate=90'] },
  { name: 'rotated-180.mov', args: ['-i', '{h264.mp4}', '-c', 'copy', '-metadata:s:v', 'rotate=180'] },
  { name: 'rotated-hevc.mp4', args: ['-i', '{hevc.mp4}', '-c', 'copy', '-metadata:s:v', 'rotate=90'] },
  { name: 'pixels-wide.mp4', args: [...BOTH, ...H264, '-vf', 'setsar=4/3', ...AAC] },
  { name: 'odd-size.mkv', args: ['-f', 'lavfi', '-i', `testsrc2=size=161x91:rate=${RATE}:duration=${LENGTH}`, ...H264, '-pix_fmt', 'yuv444p'] },
  { name: 'vfr.mp4', args: [...BOTH, '-vf', "select='not(mod(n,3))+gt(mod(n,7),4)'", '-vsync', 'vfr', ...H264_B, ...AAC] },
  { name: 'vfr.mkv', args: [...BOTH, '-vf', "select='not(mod(n,3))+gt(mod(n,7),4)'", '-vsync', 'vfr', ...H264_B, ...AAC] },
  { name: 'vfr-mpeg4.mkv', args: [...BOTH, '-vf', "select='not(mod(n,3))+gt(mod(n,7),4)'", '-vsync', 'vfr', '-c:v', 'mpeg4', ...AAC] },
  { name: 'gap.mkv', args: [...BOTH, '-vf', "select='lt(t,1)+gt(t,2)'", '-vsync', 'vfr', ...H264, '-af', "aselect='lt(t,1)+gt(t,2)'", ...AAC] },
  { name: '1fps.mp4', args: ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=1:duration=5', ...BEEPS, ...H264, '-g', '2', ...AAC] },
  { name: '120fps.mp4', args: ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=120:duration=2', ...H264_B] },
  { name: 'ntsc.mp4', args: ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=30000/1001:duration=${LENGTH}`, ...BEEPS, ...H264_B, ...AAC] },
  ...['mp4', 'mkv', 'ts', 'mov', 'flv'].flatMap((container) => [
    { name: `late-sound.${container}`, args: ['-i', '{h264-b.mp4}', '-itsoffset', '1', '-i', '{h264-b.mp4}', '-map', '0:v', '-map', '1:a', '-c', 'copy', '-t', '3'] },
    { name: `late-picture.${container}`, args: ['-itsoffset', '1', '-i', '{h264-b.mp4}', '-i', '{h264-b.mp4}', '-map', '0:v', '-map', '1:a', '-c', 'copy', '-t', '3'] },
    { name: `starts-late.${container}`, args: ['-i', '{h264-b.mp4}', '-c', 'copy', '-output_ts_offset', '100'] },
  ]),
  { name: 'late-sound-mp3.avi', args: ['-i', '{h264.avi}', '-itsoffset', '1', '-i', '{h264.avi}', '-map', '0:v', '-map', '1:a', '-c', 'copy', '-t', '3'] },
  { name: 'negative-start.mp4', args: ['-itsoffset', '-0.5', '-i', '{h264.mp4}', '-c', 'copy', '-avoid_negative_ts', 'disabled'] },
  { name: 'edit-list.mp4', args: ['-ss', '0.7', '-i', '{h264-b.mp4}', '-c', 'copy'] },
  { name: 'edit-list.mov', args: ['-ss', '1.2', '-i', '{h264-high.mp4}', '-c', 'copy'] },
  { name: 'subtitles.mp4', args: [...BOTH, ...SUBTITLES, '-map', '0', '-map', '1', '-map', '2', ...H264, ...AAC, '-c:s', 'mov_text'] },
  { name: 'subtitles.mkv', args: [...BOTH, ...SUBTITLES, '-map', '0', '-map', '1', '-map', '2', ...H264, ...AAC, '-c:s', 'srt'] },
  { name: 'chapters.mp4', args: [...BOTH, '-f', 'ffmetadata', '-i', '{chapters.txt}', '-map', '0', '-map', '1', '-map_metadata', '2', ...H264, ...AAC] },
  { name: 'timecode.mov', args: [...BOTH, '-timecode', '01:00:00:00', ...H264, ...AAC] },
  { name: 'one-frame.mp4', args: [...PICTURE, '-frames:v', '1', ...H264] },
  { name: 'one-frame.mkv', args: [...PICTURE, '-frames:v', '1', ...H264] },
  { name: 'one-frame.jpg', args: [...PICTURE, '-frames:v', '1'] },
  { name: 'one-packet.m4a', args: [...BEEPS, '-t', '0.01', ...AAC] },
  { name: 'two-frames-b.mp4', args: [...PICTURE, '-frames:v', '2', ...H264_B] },
  { name: 'short-sound.mp4', args: [...PICTURE, ...BEEPS, '-af', 'atrim=end=1', ...H264, ...AAC] },
  { name: 'short-picture.mp4', args: [...PICTURE, ...BEEPS, '-vf', 'trim=end=1', ...H264, ...AAC] },
  { name: 'absent-sound.ts', args: ['-i', '{h264.mp4}', '-c', 'copy', '-bsf:a', 'noise=drop=1'] },
  { name: 'absent-sound.mkv', args: ['-i', '{h264.mp4}', '-map', '0:v', '-map', '0:a', '-c:v', 'copy', '-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1', '-bsf:a', 'noise=drop=1'] },
  { name: 'absent-picture.ts', args: ['-i', '{h264.mp4}', '-c', 'copy', '-bsf:v', 'noise=drop=1'] },
  { name: 'fragmented-empty-moov.mp4', args: ['-i', '{h264-b.mp4}', '-c', 'copy', '-movflags', '+frag_keyframe+empty_moov'] },
  { name: 'fragmented-default-base.mp4', args: ['-i', '{h264-b.mp4}', '-c', 'copy', '-movflags', '+frag_keyframe+empty_moov+default_base_moof'] },
  { name: 'fragmented-every-frame.mp4', args: ['-i', '{h264.mp4}', '-c', 'copy', '-movflags', '+frag_every_frame+empty_moov+default_base_moof'] },
  { name: 'fragmented-delay-moov.mp4', args: ['-i', '{late-sound.mp4}', '-c', 'copy', '-movflags', '+frag_keyframe+delay_moov+default_base_moof'] },
  { name: 'fragmented-cmaf.mp4', args: ['-i', '{h264-b.mp4}', '-c', 'copy', '-movflags', '+cmaf'] },
  { name: 'fragmented-dash.mp4', args: ['-i', '{h264-b.mp4}', '-c', 'copy', '-movflags', '+dash+frag_keyframe'] },
  { name: 'fragmented-two-sounds.mp4', args: ['-i', '{two-sounds.mp4}', '-map', '0', '-c', 'copy', '-movflags', '+frag_keyframe+empty_moov+default_base_moof'] },
  { name: 'fragmented-av1.mp4', args: ['-i', '{av1-aom.mp4}', '-c', 'copy', '-movflags', '+frag_keyframe+delay_moov+default_base_moof'] },
  { name: 'faststart.mp4', args: ['-i', '{h264-b.mp4}', '-c', 'copy', '-movflags', '+faststart'] },
  { name: 'live.webm', args: ['-i', '{vp9.webm}', '-c', 'copy', '-live', '1'] },
  { name: 'attachment.mkv', args: ['-i', '{h264.mp4}', '-c', 'copy', '-attach', '{cover.jpg}', '-metadata:s:t', 'mimetype=image/jpeg'] },
  { name: 'avc3.mp4', args: ['-i', '{h264.ts}', '-c', 'copy', '-bsf:a', 'aac_adtstoasc', '-tag:v', 'avc3'] },
  { name: 'hev1.mp4', args: ['-i', '{hevc.mp4}', '-c', 'copy', '-tag:v', 'hev1'] },
];

/** All that ffmpeg makes; what it can't, it leaves out. In order: some are made of others. @returns {Recipe[]} */
export function recipes() {
  return [...VIDEO.flatMap(([codec, encoder, containers]) => words(containers).map((container) => film(codec, encoder, container))), ...AUDIO.flatMap(sounds), ...ODD];
}

/**
 * @param {string} codec
 * @param {readonly string[]} encoder
 * @param {string} container
 * @returns {Recipe}
 */
function film(codec, encoder, container) {
  const tag = container === 'mkv' || container === 'ts' || container === 'hevc' ? withoutTag(encoder) : encoder;
  if (MUTE.has(container)) return { name: `${codec}.${container}`, args: [...PICTURE, ...tag] };
  return { name: `${codec}.${container}`, args: [...BOTH, ...tag, ...(BESIDE.get(container) ?? AAC)] };
}

/** Only MP4 and MOV know the names of sample entries. @param {readonly string[]} encoder */
function withoutTag(encoder) {
  const at = encoder.indexOf('-tag:v');
  return at < 0 ? encoder : [...encoder.slice(0, at), ...encoder.slice(at + 2)];
}

/**
 * @param {[string, readonly string[], string, string]} row
 * @returns {Recipe[]}
 */
function sounds([codec, encoder, alone, beside]) {
  return [
    ...words(alone).map((container) => ({ name: `${codec}-alone.${container}`, args: [...BEEPS, ...encoder] })),
    ...words(beside).map((container) => ({
      name: `h264-${codec}.${container}`,
      args: [...BOTH, ...H264, ...encoder, ...(container === 'latm.ts' ? ['-mpegts_flags', 'latm'] : []), ...(container === 'mp4' ? EXPERIMENTAL : [])],
    })),
  ];
}

/** @param {string} text */
function words(text) {
  return text.split(' ').filter((word) => word !== '');
}
