#!/bin/sh
# A desktop on which vkcube draws with Venus: it is seen, it turns, and what is shown is what the
# guest reads back. (Frames are copied to the desktop: docs/vmm.md says why.)
#
#: cards paravane-blob
#: start root
#: guests trixie sid
#: different desktop.png cube.png later.png
#: alike guest.ppm later.png
#: limit 240
. /share/tests/lib.sh

use_venus
desktop
ask screenshot desktop.png
MESA_VK_WSI_DEBUG=sw vkcube --wsi wayland --suppress_popups --width 400 --height 400 >/tmp/vkcube.log 2>&1 &
sleep 8
ask screenshot cube.png
sleep 2
busybox killall -STOP vkcube || fail "vkcube has ended: $(tail -1 /tmp/vkcube.log)"
sleep 1
stop_desktop
ask screenshot later.png
/share/bin/scanout /share/results/guest.ppm || fail "the frame cannot be read back"
note "$(grep -m 1 -i 'selected gpu' /tmp/vkcube.log)"
