#!/bin/sh
# The back end is killed while the guest draws: the guest itself goes on. (QEMU 11.1 connects
# vhost-user-gpu-pci and vhost-user-vga once; where its generic device connects again, QEMU stops
# at an assertion of its own. So no guest gets another back end without a new QEMU.)
#
#: cards paravane paravane-blob
. /share/tests/lib.sh

wait_until '[ "$(connected)" = 1 ]' 20
/share/bin/draw 10 600 <"$keys" >/tmp/draw.log 2>&1 &
sleep 3
ask back-end kill
sleep 5
[ -e /dev/dri/card0 ] || fail "the card is gone"
dmesg | grep -E 'BUG:|Oops|Kernel panic' && fail "the kernel does not take it well"
exit 0
