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
    wait_until "[ \"\$(mode 2)\" = '$(echo "$size" | tr ' ' x)' ]" 20
done
ask screendump drawn.png
