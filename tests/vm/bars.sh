#!/bin/sh
# modetest's colour bars look as on QEMU's own card, to the byte of the picture's file.
#
#: cards virtio-gpu-pci contrib contrib-vga paravane paravane-vga
#: identical bars.png
#: short
. /share/tests/lib.sh

show_bars
ask screendump bars.png
