#!/bin/sh
# The back end is killed and started again while the guest draws: the driver goes on with a fresh
# device, and after a new mode is set what is drawn is shown again. (QEMU connects
# vhost-user-gpu-pci and vhost-user-vga to one back end for their whole life.)
#
#: cards paravane-blob
#: plugs
. /share/tests/lib.sh

ask plug
wait_until '[ "$(connected)" = 1 ]' 30
/share/bin/draw 10 600 <"$keys" >/tmp/draw.log 2>&1 &
sleep 3
ask screenshot before.png
ask back-end kill
sleep 1
ask back-end start
sleep 4
busybox killall draw
note "the kernel has counted $(dmesg | grep -c 'response 0x') errors"
show_bars
ask screenshot after.png
