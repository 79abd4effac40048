#!/bin/sh
# Vulkan in the guest is Venus; what the own client draws off-screen there is what the host's
# software driver draws for it natively, byte for byte.
#
#: cards virtio-gpu-venus paravane-blob
#: start root
#: guests trixie sid
#: programs vulkan-client
#: limit 300
. /share/tests/lib.sh

use_venus
[ "$(word vmcard)" = paravane-blob ] || exit 0
/share/bin/vulkan-client render --out /share/results/guest >/tmp/client.log 2>&1
grep FAIL /tmp/client.log | head -3
note "$(grep -c '^OK' /tmp/client.log) scenes drawn, $(grep -c '^SKIP' /tmp/client.log) not possible"
grep -q '^OK' /tmp/client.log || fail "nothing is drawn: $(tail -1 /tmp/client.log)"
grep -q '^FAIL' /tmp/client.log && fail "$(grep -m 1 '^FAIL' /tmp/client.log)"
ask natively vulkan-client render --out natively
ask natively vulkan-client compare --common natively guest
