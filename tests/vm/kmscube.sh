#!/bin/sh
# A cube on cards without OpenGL: the guest's memory of the frame, read back, is what is shown.
#
#: cards virtio-gpu-pci contrib
#: start root
#: alike guest.ppm shown.png
#: limit 150
. /share/tests/lib.sh

cube
/share/bin/scanout /share/results/guest.ppm || fail "the frame cannot be read back"
ask screendump shown.png
