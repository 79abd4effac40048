#!/bin/sh
# A cube drawn with OpenGL: the guest's memory of the frame, read back, is what is shown.
#
#: cards virtio-gpu-pci contrib virtio-gpu-gl-pci paravane paravane-vga
#: start root
#: alike guest.ppm shown.png
#: limit 120
. /share/tests/lib.sh

sleep 90 | kmscube >/tmp/kmscube.log 2>&1 &
wait_until 'grep -q "Rendered" /tmp/kmscube.log' 60
renderer=$(sed -n 's/.*renderer: *//p' /tmp/kmscube.log | tr -d '"' | head -1)
note "$renderer; $(grep Rendered /tmp/kmscube.log | tail -1)"
expect_renderer "$renderer"
busybox killall -STOP kmscube
# The frame that is under way is shown before.
sleep 2
/share/bin/scanout /share/results/guest.ppm || fail "the frame cannot be read back"
show shown.png
