# What tests in a guest have in common; each begins with `. /share/tests/lib.sh`.

# Programs wait for a key here, and take the end of their input for one: this input has no end.
keys=/tmp/keys
if [ ! -p "$keys" ]; then
    mkfifo "$keys"
    sleep 10000 >"$keys" &
fi

# Asks the machine outside for something, and waits for its answer (docs/vm-lab.md lists what).
ask() {
    echo "VM-ASK $*" >/dev/ttyS0
    read -r answer_status answer </dev/ttyS0
    [ "$answer_status" = VM-OK ] || fail "asked for $*: $answer"
}

fail() {
    echo "FAILED: $*"
    exit 1
}

# Shows a figure or a fact in the table of results.
note() {
    echo "VM-NOTE $*"
}

# The first card's folder in sysfs; its device node is /dev/dri/card0.
card=/sys/class/drm/card0

# How many connectors of the card are connected.
connected() {
    cat "$card"-*/status 2>/dev/null | grep -cx connected
}

# Waits until `$1` succeeds, for at most `$2` seconds on a quiet machine.
wait_until() {
    patience=$(word vmpatience)
    tries=$(($2 * 5 * ${patience:-1}))
    until eval "$1"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "waited $2 s in vain for: $1"
        sleep 0.2
    done
}

# The ids of the connected connectors, as modetest has them.
connectors() {
    modetest -M virtio_gpu -c 2>/dev/null | awk '$3 == "connected" { print $1 }'
}

# The first mode of output `$1`, probed anew: a program that draws keeps the console's driver from
# doing so when outputs change.
mode() {
    modetest -M virtio_gpu -c >/dev/null 2>&1
    head -1 "$card-Virtual-$1/modes"
}

# Shows modetest's colour bars on all connected outputs, until the variable's process ends.
show_bars() {
    wait_until '[ "$(connected)" -gt 0 ]' 20
    modes=
    for connector in $(connectors); do modes="$modes -s $connector:#0"; done
    [ -n "$modes" ] || fail "no output is connected"
    # shellcheck disable=SC2086
    modetest -M virtio_gpu $modes -F smpte <"$keys" >/tmp/modetest.log 2>&1 &
    wait_until 'grep -q "allocated by = modetest" /sys/kernel/debug/dri/0*/state' 30
    sleep 1
}

# The value of WORD=… on the kernel's command line.
word() {
    sed -n "s/.*\b$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

# Waits for as many outputs as there are arguments, and checks each one's first mode; and its
# EDID, where there is edid-decode.
outputs() {
    wait_until "[ \"\$(connected)\" = $# ]" 20
    number=0
    for size in "$@"; do
        number=$((number + 1))
        output=$card-Virtual-$number
        [ "$(head -1 "$output/modes")" = "$size" ] || fail "output $number is $(head -1 "$output/modes"), not $size"
        edid-decode "$output/edid" >/tmp/edid.txt 2>&1
        grep -q "DTD 1: *$size " /tmp/edid.txt || fail "output $number: the EDID has another size"
    done
}

# Takes the picture that the card shows: of QEMU's window where there is one.
show() {
    case $(word vmcard) in
    virtio-gpu-gl-pci | virtio-gpu-venus) ask window "$1" ;;
    paravane-blob) ask screenshot "$1" ;;
    *) ask screendump "$1" ;;
    esac
}

# Whether OpenGL is drawn where this card should have it drawn.
expect_renderer() {
    case $(word vmcard) in
    virtio-gpu-pci | contrib) expected=llvmpipe ;;
    *) expected=virgl ;;
    esac
    case $1 in *"$expected"*) ;; *) fail "OpenGL is drawn by $1, not $expected" ;; esac
}

# Draws a cube with OpenGL, says by what, and draws another that stops as it turns.
cube() {
    kmscube -c 20 <"$keys" >/tmp/kmscube.log 2>&1
    renderer=$(sed -n 's/.*renderer: *//p' /tmp/kmscube.log | tr -d '"' | head -1)
    [ -n "$renderer" ] || fail "kmscube: $(tail -1 /tmp/kmscube.log)"
    note "$renderer; $(grep Rendered /tmp/kmscube.log | tail -1)"
    expect_renderer "$renderer"
    kmscube <"$keys" >/tmp/kmscube.log 2>&1 &
    wait_until 'grep -q "allocated by = kmscube" /sys/kernel/debug/dri/0*/state' 60
    sleep 2
    busybox killall -STOP kmscube || fail "kmscube has ended: $(tail -1 /tmp/kmscube.log)"
    # The frame that is under way is shown before.
    sleep 2
}

# Starts weston on the card, and has programs find it.
desktop() {
    udevd=$(ls /usr/lib/systemd/systemd-udevd /lib/systemd/systemd-udevd 2>/dev/null | head -1)
    "$udevd" --daemon
    udevadm trigger --action=add --subsystem-match=drm
    udevadm settle
    export SEATD_VTBOUND=0 LIBSEAT_BACKEND=seatd
    seatd >/tmp/seatd.log 2>&1 &
    wait_until '[ -S /run/seatd.sock ]' 10
    weston --backend=drm --continue-without-input --idle-time=0 --socket=desktop \
        --log=/tmp/weston.log &
    wait_until 'grep -q "allocated by = weston" /sys/kernel/debug/dri/0*/state' 60
    export WAYLAND_DISPLAY=desktop
}

# Has weston show nothing new.
stop_desktop() {
    busybox killall -STOP weston || fail "weston has ended: $(tail -1 /tmp/weston.log)"
    sleep 2
}

# Has programs use Vulkan by Venus, and checks that they do. `$software` is the other driver.
use_venus() {
    venus=$(ls /usr/share/vulkan/icd.d/virtio_icd*.json)
    software=$(ls /usr/share/vulkan/icd.d/lvp_icd*.json)
    export VK_DRIVER_FILES="$venus"
    vulkaninfo --summary >/tmp/vulkaninfo.log 2>&1 || fail "vulkaninfo: $(tail -2 /tmp/vulkaninfo.log)"
    device=$(sed -n 's/.*deviceName *= //p' /tmp/vulkaninfo.log | head -1)
    note "$device, $(sed -n 's/.*apiVersion *= //p' /tmp/vulkaninfo.log | head -1)"
    case $device in *Venus*) ;; *) fail "Vulkan is $device" ;; esac
}
