#!/bin/sh
# Makes demo.mp4, with ffmpeg 5.1 or newer: 8 s that can be repeated without a seam.
#
# Picture (240 frames at 30 fps) and sound (375 AAC frames of 1024 samples at 48 kHz) are exactly as long, and
# everything in them repeats after 8 s. So the file is cut out of the middle of a longer one: its first AAC frame
# follows on its last, and no edit list has to hide an encoder's priming.
set -eu
cd "$(dirname "$0")"

long=$(mktemp -d)/long.mp4
trap 'rm -r "$(dirname "$long")"' EXIT

colours="geq=lum='110+45*sin(X/26+2*PI*T/8)+35*sin((X+2*Y)/31-4*PI*T/8)':cb='128+45*sin(Y/17+2*PI*T/8)':cr='128+40*sin((X-Y)/23-2*PI*T/8)'"
dot="color=white:size=28x28:rate=30,format=yuva420p,geq=lum=235:cb=128:cr=128:a='255*clip(14-hypot(X-13.5,Y-13.5),0,1)'"
panel="drawbox=x=180:y=230:w=280:h=96:color=black@0.45:t=fill"
clock="drawtext=font=monospace:fontsize=52:fontcolor=white:x=206:y=242:text='%{eif\:mod(t,8)\:d\:2}.%{eif\:floor(mod(n,30)*100/30)\:d\:2} s'"
label="drawtext=font=sans:fontsize=19:fontcolor=white@0.85:x=(w-tw)/2:y=298:text='Sluice demo'"
chord="0.10*sin(2*PI*220*t)*(0.6+0.4*sin(2*PI*t/8))+0.08*sin(2*PI*277.25*t)*(0.6+0.4*sin(2*PI*t/4))+0.07*sin(2*PI*329.625*t)*(0.6-0.4*sin(2*PI*t/8))"
bell="0.12*sin(2*PI*880*t)*exp(-7*mod(t,1))*clip(mod(t,1)*200,0,1)"

ffmpeg -hide_banner -v error -y \
  -f lavfi -i "color=size=160x90:rate=30,format=yuv444p,$colours,scale=640:360:flags=bicubic,format=yuv420p" \
  -f lavfi -i "$dot" \
  -f lavfi -i "aevalsrc='$chord+$bell':sample_rate=48000:channel_layout=mono" \
  -filter_complex "[0][1]overlay=x='306+84*sin(2*PI*t)':y='106-84*cos(2*PI*t)',$panel,$clock,$label[picture]" \
  -map '[picture]' -map 2:a -t 17 \
  -c:v libx264 -profile:v main -preset veryslow -crf 24 -pix_fmt yuv420p -bf 0 -g 30 -keyint_min 30 -sc_threshold 0 \
  -c:a aac -b:a 96k -ac 2 "$long"

ffmpeg -hide_banner -v error -y -i "$long" -map 0 -c copy -ss 8 -t 8 -map_metadata -1 -use_editlist 0 -movflags +faststart demo.mp4
