#!/bin/sh
# A guest that is itself a host with dma-bufs: udmabuf, a DMA heap, and vgem's render node. What
# this machine cannot test for want of them is tested in it: lavapipe's memory as dma-bufs in both
# directions and images with DRM modifiers; frames in plain memory and blobs that a front end
# imports.
#
#: cards virtio-gpu-pci
#: start root
#: guests trixie sid
#: programs paravane vulkan-client device/scanouts door-vhost-user/dma_bufs host-memory/access host-vulkan/sharing
#: limit 300
. /share/tests/lib.sh

modprobe vgem || fail "there is no vgem"
for node in /dev/udmabuf /dev/dma_heap/system /dev/dri/renderD129; do
    [ -c "$node" ] || fail "there is no $node"
done
VK_DRIVER_FILES=$(ls /usr/share/vulkan/icd.d/lvp_icd*.json)
export VK_DRIVER_FILES TMPDIR=/tmp
cd /tmp || exit 1

for tests in device-scanouts door-vhost-user-dma_bufs host-memory-access host-vulkan-sharing; do
    timeout 120 "/share/bin/$tests" --nocapture >/tmp/tests.log 2>&1 || {
        cat /tmp/tests.log
        fail "$tests: $(grep -m 1 panicked /tmp/tests.log)"
    }
    skipped=$(grep SKIPPED /tmp/tests.log | sort -u)
    case $skipped in *udmabuf* | *DmaBuf* | *dma-buf*) fail "$tests: $skipped" ;; esac
    note "$tests: $(sed -n 's/^test result: ok. \([0-9]* passed\).*/\1/p' /tmp/tests.log) $skipped"
done

# An image that is drawn, handed over, written to and taken back: natively, and through Paravane.
for way in native direct staged; do
    case $way in
    native) set -- ;;
    *) set -- /share/bin/paravane run --exchanged-images "$way" -- ;;
    esac
    timeout 100 "$@" /share/bin/vulkan-client render --out "/tmp/$way" exchange >/tmp/client.log 2>&1
    grep -q '^OK *exchange' /tmp/client.log || fail "exchange, $way: $(tail -1 /tmp/client.log)"
    note "$(grep '^OK' /tmp/client.log) $way"
    /share/bin/vulkan-client compare /tmp/native "/tmp/$way" || fail "$way is not as natively"
done
