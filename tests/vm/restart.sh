#!/bin/sh
# The back end is killed and started again while something is shown: the guest, its driver and
# its programs go on, and what is drawn afterwards is shown.
#
#: cards paravane-blob paravane
#: reconnects
. /share/tests/lib.sh

/share/bin/draw 10 600 <"$keys" >/tmp/draw.log 2>&1 &
sleep 3
ask back-end kill
sleep 1
ask back-end start
sleep 5
busybox killall draw
note "the kernel says: $(dmesg | grep -c 'response 0x') errors"
show_bars
case $(word vmcard) in
paravane-blob) ask screenshot after.png ;;
*) ask screendump after.png ;;
esac
