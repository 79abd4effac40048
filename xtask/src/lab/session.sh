# Runs a command in the room, with private folders and, if asked for, an X server.
# Arguments: FOLDER SCREEN FRAME-BUFFER-FOLDER CMD…
# SCREEN is empty for none; the X server keeps its picture in the folder if one is named.
folder=$1 screen=$2 frames=$3
shift 3
private=$(mktemp -d) || exit 125
server=
leave() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    rm -rf "$private"
}
trap leave EXIT
export HOME="$private" XDG_RUNTIME_DIR="$private"
cd "$folder" 2>/dev/null || cd /
if [ -n "$screen" ]; then
    # Or else it refuses connections for a moment whenever its last client has left.
    Xvfb -noreset -displayfd 3 -screen 0 "$screen" -nolisten tcp ${frames:+-fbdir "$frames"} \
        3>"$private/display" >"$private/xvfb.log" 2>&1 &
    server=$!
    tries=0
    until [ -s "$private/display" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 200 ] || ! kill -0 "$server" 2>/dev/null; then
            echo "session: the X server did not start:" >&2
            cat "$private/xvfb.log" >&2
            exit 125
        fi
        sleep 0.05
    done
    DISPLAY=:$(cat "$private/display")
    export DISPLAY
fi
"$@"
