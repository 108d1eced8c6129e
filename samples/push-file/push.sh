#!/bin/sh
# Publishes a file as a live stream: push.sh FILE NAME [RELAY]
# For files whose codecs browsers play, such as H.264 with AAC; the README has lines that encode others.
set -eu

if [ $# -lt 2 ]; then
  echo "Usage: $0 FILE NAME [RELAY, http://127.0.0.1:8080 unless given]" >&2
  exit 2
fi
file=$1 name=$2 relay=${3:-http://127.0.0.1:8080}

echo "Publishing $file: watch it at $relay/watch/$name"
# -re reads the file no faster than it plays. One fragment per frame gives the least delay.
# -send_expect_100 lets ffmpeg print why the relay refuses, if it does.
exec "${FFMPEG_PATH:-ffmpeg}" -hide_banner -nostdin -loglevel error -re -i "$file" -c copy \
  -movflags +frag_every_frame+empty_moov+default_base_moof -f mp4 -send_expect_100 1 "$relay/publish/$name"
