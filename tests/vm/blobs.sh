#!/bin/sh
# Memory of the host's is mapped into the guest, and keeps what is written to it.
#
#: cards virtio-gpu-venus paravane-blob
. /share/tests/lib.sh

wait_until '[ -e /dev/dri/renderD128 ]' 20
note "$(/share/bin/blobs)" || fail "blobs"
/share/bin/blobs || fail "a second process's blobs"
