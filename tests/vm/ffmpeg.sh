#!/bin/sh
# Frames that ffmpeg uploads to Vulkan and downloads again are the CPU's, and its filters give what
# they give on the guest's own software Vulkan. (FFmpeg 7.1, Debian 13's, uploads zeros to any
# driver without VK_EXT_external_memory_host, which no guest has: docs/vmm.md.)
#
#: cards virtio-gpu-venus paravane-blob
#: start root
#: guests sid
#: limit 180
. /share/tests/lib.sh

use_venus

# The checksums of three frames after filters $2 on driver $1.
frames() {
    VK_DRIVER_FILES=$1 timeout 100 ffmpeg -hide_banner -loglevel error \
        -init_hw_device vulkan=vk:0 -filter_hw_device vk -f lavfi -i testsrc=size=320x240:rate=10 \
        -vf "format=yuv420p,hwupload,$2hwdownload,format=yuv420p" -frames:v 3 -f framemd5 - \
        2>/tmp/ffmpeg.log | sed -n 's/^0,.* //p'
}

plain=$(ffmpeg -hide_banner -loglevel error -f lavfi -i testsrc=size=320x240:rate=10 \
    -vf format=yuv420p -frames:v 3 -f framemd5 - | sed -n 's/^0,.* //p')
[ "$(echo "$plain" | wc -l)" = 3 ] || fail "the CPU has no three frames"
[ "$(frames "$venus" '')" = "$plain" ] || fail "up and down again is not the same: $(tail -1 /tmp/ffmpeg.log)"
for filter in vflip_vulkan, avgblur_vulkan=sizeX=5,; do
    expected=$(frames "$software" "$filter")
    [ "$(echo "$expected" | wc -l)" = 3 ] || fail "$filter natively: $(tail -1 /tmp/ffmpeg.log)"
    found=$(frames "$venus" "$filter")
    [ "$found" = "$expected" ] || fail "$filter gives $(echo "$found" | tr '\n' ' ') and natively $(echo "$expected" | tr '\n' ' '); $(tail -1 /tmp/ffmpeg.log)"
    note "$filter as natively"
done
