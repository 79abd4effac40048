#!/bin/sh
# A desktop: weston draws with OpenGL, a client of it, too, and what is read back in the guest is
# what is shown.
#
#: cards virtio-gpu-pci paravane
#: start root
#: alike guest.ppm shown.png
#: guests trixie sid
#: limit 180
. /share/tests/lib.sh

desktop
renderer=$(sed -n 's/.*GL renderer: *//p' /tmp/weston.log)
note "weston draws with ${renderer:-pixman}"
[ "$(word vmcard)" = virtio-gpu-pci ] || expect_renderer "$renderer"
weston-simple-egl >/tmp/client.log 2>&1 &
wait_until 'grep -q frames /tmp/client.log || [ "$(busybox pidof weston-simple-egl)" ]' 20
sleep 8
busybox killall -STOP weston-simple-egl || fail "the client has ended: $(tail -1 /tmp/client.log)"
stop_desktop
/share/bin/scanout /share/results/guest.ppm || fail "the frame cannot be read back"
ask screendump shown.png
