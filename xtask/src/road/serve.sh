# Runs a command as the client of a virgl server, which lives as long as the command.
# Arguments: LOG SERVER CMD…
# SERVER is a program and its options, in one word. If it ends first that is a failure.
# The environment's SOCKET is where it listens, or else a name of the session's own.
log=$1 line=$2
shift 2
socket=${SOCKET:-$XDG_RUNTIME_DIR/virgl}
# shellcheck disable=SC2086 # words without spaces
$line --use-egl-surfaceless --socket-path "$socket" >>"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null' EXIT
tries=0
until [ -S "$socket" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ] || ! kill -0 "$server" 2>/dev/null; then
        echo "the server did not start:" >&2
        cat "$log" >&2
        exit 125
    fi
    sleep 0.05
done
status=0
GALLIUM_DRIVER=virpipe VTEST_SOCKET_NAME=$socket "$@" || status=$?
if ! kill -0 "$server" 2>/dev/null; then
    wait "$server"
    echo "the server ended before its client, with status $?:" >&2
    tail -n 20 "$log" >&2
    exit 125
fi
exit "$status"
