#!/bin/sh
# What 24 whole frames of 1920x1080 a second cost the machine outside.
#
#: cards virtio-gpu-pci contrib paravane
#: outputs 1920x1080
#: limit 90
. /share/tests/lib.sh

wait_until '[ "$(connected)" = 1 ]' 20
/share/bin/draw 24 12 1920x1080 <"$keys" >/tmp/draw.log 2>&1 &
sleep 2
ask cpu
before=$answer
sleep 8
ask cpu
after=$answer
wait_until 'grep -q . /tmp/draw.log' 20
note "$(cat /tmp/draw.log) frames a second"
note "$(echo "$before $after" | awk '{ printf "of a core: QEMU %.0f %%, the back end %.0f %%", ($3 - $1) * 12.5, ($4 - $2) * 12.5 }')"
