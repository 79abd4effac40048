#!/bin/sh
# The same with three outputs.
#
#: cards virtio-gpu-pci paravane
#: start root
#: outputs 1280x800 800x600 640x480
#: identical bars0.png bars1.png bars2.png
. /share/tests/lib.sh

outputs 1280x800 800x600 640x480
show_bars
ask screendump bars0.png 0
ask screendump bars1.png 1
ask screendump bars2.png 2
