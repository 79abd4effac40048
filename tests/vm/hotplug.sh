#!/bin/sh
# An output is connected at run time, another gets another size, and the guest sees both.
#
#: cards virtio-gpu-pci paravane paravane-vga
#: bus
#: heads 2
#: identical bars0.png bars1.png
. /share/tests/lib.sh

wait_until '[ "$(connected)" = 1 ]' 20
ask resize 1 800 600
wait_until '[ "$(connected)" = 2 ]' 20
[ "$(mode 2)" = 800x600 ] || fail "the second output's mode is $(mode 2)"
ask resize 0 1440 900
wait_until '[ "$(mode 1)" = 1440x900 ]' 20
show_bars
ask screendump bars0.png 0
ask screendump bars1.png 1
