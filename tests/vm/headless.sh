#!/bin/sh
# Where the front end has no display, Paravane's own picture is what QEMU's own card shows.
#
#: cards virtio-gpu-pci paravane-blob
#: same picture.png
. /share/tests/lib.sh

show_bars
show picture.png
