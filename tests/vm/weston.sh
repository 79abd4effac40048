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

udevd=$(ls /usr/lib/systemd/systemd-udevd /lib/systemd/systemd-udevd 2>/dev/null | head -1)
"$udevd" --daemon
udevadm trigger --action=add --subsystem-match=drm
udevadm settle
export SEATD_VTBOUND=0 LIBSEAT_BACKEND=seatd
seatd >/tmp/seatd.log 2>&1 &
wait_until '[ -S /run/seatd.sock ]' 10
weston --backend=drm --continue-without-input --idle-time=0 --socket=desktop --log=/tmp/weston.log &
wait_until 'grep -q "allocated by = weston" /sys/kernel/debug/dri/0*/state' 60
renderer=$(sed -n 's/.*GL renderer: *//p' /tmp/weston.log)
note "weston draws with ${renderer:-pixman}"
[ "$(word vmcard)" = virtio-gpu-pci ] || expect_renderer "$renderer"
WAYLAND_DISPLAY=desktop weston-simple-egl >/tmp/client.log 2>&1 &
wait_until 'grep -q frames /tmp/client.log || [ "$(busybox pidof weston-simple-egl)" ]' 20
sleep 8
busybox killall -STOP weston-simple-egl weston || fail "weston has ended: $(tail -1 /tmp/weston.log)"
sleep 2
/share/bin/scanout /share/results/guest.ppm || fail "the frame cannot be read back"
ask screendump shown.png
