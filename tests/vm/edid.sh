#!/bin/sh
# The output says who it is: an EDID that edid-decode can read, and finds sound where it is not
# QEMU's, and modes that are its own.
#
#: cards virtio-gpu-pci contrib paravane paravane-vga paravane-blob
#: start root
. /share/tests/lib.sh

wait_until '[ "$(connected)" -gt 0 ]' 20
edid=$(echo "$card"-*/edid)
[ "$(wc -c <"$edid")" -ge 128 ] || fail "there is no EDID"
edid-decode --check "$edid" >/tmp/edid.txt 2>&1
case $(word vmcard):$? in
*:0) ;;
paravane-blob:*) fail "edid-decode objects: $(grep -A3 -i fail /tmp/edid.txt | tr '\n' ' ')" ;;
*) note "edid-decode objects to QEMU's EDID" ;;
esac
mode=$(head -1 "$card"-*/modes)
note "$(sed -n "s/.*Display Product Name: //p" /tmp/edid.txt), $mode"
grep -q "DTD 1: *$mode " /tmp/edid.txt || fail "the first mode, $mode, is not the EDID's"
