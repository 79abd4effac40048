#!/bin/sh
# The kernel finds the features that the card should have, a card and a render node.
#
#: cards virtio-gpu-pci contrib virtio-gpu-gl-pci virtio-gpu-venus paravane paravane-vga paravane-blob
#: short
. /share/tests/lib.sh

case $(word vmcard) in
virtio-gpu-pci | contrib) expected='-virgl +edid -resource_blob -host_visible' ;;
virtio-gpu-gl-pci | paravane | paravane-vga) expected='+virgl +edid -resource_blob -host_visible' ;;
virtio-gpu-venus | paravane-blob) expected='+virgl +edid +resource_blob +host_visible' ;;
*) fail "nobody knows what this card has" ;;
esac
wait_until '[ -e /dev/dri/card0 ]' 20
found=$(dmesg | sed -n 's/.*features: //p' | head -1)
note "features: $found"
case $found in "$expected"*) ;; *) fail "the kernel found $found" ;; esac
[ -e /dev/dri/renderD128 ] || fail "there is no render node"
errors=$(dmesg | grep -E '\*ERROR\*|virtio_gpu.*(fail|unable)') && fail "the kernel complains: $errors"
exit 0
