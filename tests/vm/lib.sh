# What tests in a guest have in common; each begins with `. /share/tests/lib.sh`.

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

# Waits until `$1` succeeds, for at most `$2` seconds.
wait_until() {
    tries=$(($2 * 5))
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

# Shows modetest's colour bars on all connected outputs, until the variable's process ends.
show_bars() {
    modes=
    for connector in $(connectors); do modes="$modes -s $connector:#0"; done
    [ -n "$modes" ] || fail "no output is connected"
    # It waits for a key, and takes the end of its input for one.
    # shellcheck disable=SC2086
    (sleep 600) | modetest -M virtio_gpu $modes -F smpte >/tmp/modetest.log 2>&1 &
    wait_until 'grep -q "allocated by = modetest" /sys/kernel/debug/dri/0*/state' 30
    sleep 1
}
