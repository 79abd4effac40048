#!/bin/sh
# How long it takes to a login prompt on the screen, and that it looks as on QEMU's own card.
#
#: cards virtio-gpu-pci contrib paravane paravane-vga
#: identical login.png
. /share/tests/lib.sh

wait_until '[ -e /sys/class/graphics/fb0 ]' 20
# Without the cursor, which blinks, and what the kernel has said.
printf '\033[?25l\033[2J\033[H' >/dev/tty1
busybox getty 38400 tty1 linux &
wait_until 'grep -q login: /dev/vcs1' 20
note "a login prompt $(cut -d' ' -f1 /proc/uptime) s after the kernel's start"
sleep 2
ask screendump login.png
