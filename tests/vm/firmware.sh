#!/bin/sh
# The firmware's text before any guest is shown, as on QEMU's own card.
#
#: cards virtio-vga contrib-vga paravane-vga
#: start firmware
#: identical firmware.png
#: limit 6
