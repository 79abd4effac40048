#!/bin/sh
# Outputs are connected and resized while the guest draws. QEMU's own example
# of a back end hangs here, and QEMU with it: each waits for the other.
#
#: cards paravane
#: bus
#: heads 2
#: repeat 20
#: limit 90
. /share/tests/lib.sh

wait_until '[ "$(connected)" = 1 ]' 20
/share/bin/draw 60 600 <"$keys" >/tmp/draw.log 2>&1 &
sleep 2
for size in '800 600' '640 480' '1024 768' '800 600'; do
    # shellcheck disable=SC2086
    ask resize 1 $size
    sleep 1
done
# Who draws is asked to look what outputs there are now, and does not; so nobody has looked yet.
busybox killall draw || fail "it has ended: $(cat /tmp/draw.log)"
wait_until '[ "$(mode 2)" = 800x600 ] && [ "$(connected)" = 2 ]' 20
show_bars
ask screendump drawn.png 1
