#!/bin/sh
# Vulkan in the guest is Venus; ffmpeg's filters on it give the CPU's pixels where the filter is
# a copy, and the same in each run where it is arithmetic.
#
#: cards virtio-gpu-venus paravane-blob
#: start root
#: guests trixie sid
#: limit 180
. /share/tests/lib.sh

VK_DRIVER_FILES=$(ls /usr/share/vulkan/icd.d/virtio_icd*.json)
export VK_DRIVER_FILES
vulkaninfo --summary >/tmp/vulkaninfo.log 2>&1 || fail "vulkaninfo: $(tail -2 /tmp/vulkaninfo.log)"
device=$(sed -n 's/.*deviceName *= //p' /tmp/vulkaninfo.log | head -1)
note "$device, $(sed -n 's/.*apiVersion *= //p' /tmp/vulkaninfo.log | head -1)"
case $device in *Venus*) ;; *) fail "Vulkan is $device" ;; esac

# The checksums of three frames after filters $1.
frames() {
    timeout 100 ffmpeg -hide_banner -loglevel error -init_hw_device vulkan=vk:0 -filter_hw_device vk \
        -f lavfi -i testsrc=size=320x240:rate=10 -vf "$1" -frames:v 3 -f framemd5 - 2>/tmp/ffmpeg.log |
        grep -v '^#' || fail "ffmpeg $1: $(tail -2 /tmp/ffmpeg.log)"
}

plain=$(timeout 60 ffmpeg -hide_banner -loglevel error -f lavfi -i testsrc=size=320x240:rate=10 \
    -vf format=yuv420p -frames:v 3 -f framemd5 - | grep -v '^#')
[ "$(echo "$plain" | wc -l)" = 3 ] || fail "the CPU has no three frames"
through=$(frames format=yuv420p,hwupload,hwdownload,format=yuv420p)
[ "$through" = "$plain" ] || fail "up and down again is not the same: $through"
flipped=$(frames format=yuv420p,hwupload,vflip_vulkan,vflip_vulkan,hwdownload,format=yuv420p)
[ "$flipped" = "$plain" ] || fail "flipped twice is not the same: $flipped"
blurred=$(frames format=yuv420p,hwupload,avgblur_vulkan=sizeX=5,hwdownload,format=yuv420p)
[ "$blurred" != "$plain" ] || fail "blurred is the same"
[ "$(echo "$blurred" | wc -l)" = 3 ] || fail "blurring gives no three frames: $(tail -2 /tmp/ffmpeg.log)"
note "ffmpeg: up and down, flipped twice: as on the CPU"
