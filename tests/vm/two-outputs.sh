#!/bin/sh
# Two outputs of different sizes are connected, with an EDID each, and show what they should. (With
# QEMU's own example of a back end the second stays black.)
#
#: cards virtio-gpu-pci paravane
#: start root
#: outputs 1024x768 800x600
#: identical bars0.png bars1.png
. /share/tests/lib.sh

outputs 1024x768 800x600
show_bars
ask screendump bars0.png 0
ask screendump bars1.png 1
