#!/bin/sh
# Paravane's own picture of a screen shows what QEMU's does.
#
#: cards paravane paravane-vga
#: alike own.png shown.png
. /share/tests/lib.sh

/share/bin/draw 30 2 <"$keys" >/tmp/draw.log 2>&1 &
wait_until 'grep -q . /tmp/draw.log' 30
sleep 1
ask screendump shown.png
ask screenshot own.png
