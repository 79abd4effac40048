# Runs a command as the client of a virgl server, which lives as long as the command.
# Arguments: LOG PARAVANE OPTIONS CMD…
# OPTIONS are the server's, in one word. A server that ends first is a failure.
log=$1 program=$2 options=$3
shift 3
socket=$XDG_RUNTIME_DIR/virgl
# shellcheck disable=SC2086 # the options are words without spaces
"$program" vtest --virgl --use-egl-surfaceless $options --socket-path "$socket" >>"$log" 2>&1 &
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
