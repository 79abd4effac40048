#!/bin/sh
# A cube drawn with virgl: what the guest reads back, what Paravane's own picture shows and what
# QEMU's shows are the same.
#
#: cards paravane paravane-vga
#: start root
#: alike guest.ppm shown.png own.png
#: limit 150
#: short
. /share/tests/lib.sh

cube
ask screendump shown.png
ask screenshot own.png
/share/bin/scanout /share/results/guest.ppm || fail "the frame cannot be read back"
