#!/bin/sh
# The driver is taken from the card and given back, three times, while something is drawn.
#
#: cards virtio-gpu-pci paravane paravane-vga
#: identical bars.png
. /share/tests/lib.sh

driver=/sys/bus/virtio/drivers/virtio_gpu
device=$(basename "$(echo "$driver"/virtio*)")
for round in 1 2 3; do
    /share/bin/draw 60 600 <"$keys" >/tmp/draw.log 2>&1 &
    sleep 1
    # The frame buffer console holds the driver otherwise.
    echo 0 >/sys/class/vtconsole/vtcon1/bind
    echo "$device" >"$driver/unbind" || fail "unbind, round $round"
    [ ! -e /dev/dri/card0 ] || fail "the card is still there"
    busybox killall draw 2>/dev/null
    echo "$device" >"$driver/bind" || fail "bind, round $round"
    wait_until '[ -e /dev/dri/card0 ] && [ "$(connected)" = 1 ]' 20
done
show_bars
ask screendump bars.png
