#!/bin/sh
# The guest is reset while it draws; the next one finds the card as new.
#
#: cards virtio-gpu-pci paravane paravane-vga
#: reboots
#: identical bars.png
. /share/tests/lib.sh

booted=/share/results/booted
if [ "$(wc -l <"$booted" 2>/dev/null || echo 0)" -lt 2 ]; then
    echo once >>"$booted"
    /share/bin/draw 60 600 <"$keys" &
    sleep 2
    echo b >/proc/sysrq-trigger
    sleep 60
fi
show_bars
ask screendump bars.png
