#!/bin/sh
# The boot console's text looks as on QEMU's own card, to the byte of the picture's file.
#
#: cards virtio-gpu-pci contrib paravane paravane-vga
#: identical console.png
. /share/tests/lib.sh

wait_until '[ -e /sys/class/graphics/fb0 ]' 20
# Without the cursor, which blinks.
printf '\033[?25l\033[2J\033[H' >/dev/tty1
line=0
while [ "$line" -lt 60 ]; do
    line=$((line + 1))
    printf '\033[3%dmline %d: the quick brown fox jumps over the lazy dog\033[0m\n' $((line % 8)) "$line" >/dev/tty1
done
sleep 2
ask screendump console.png
