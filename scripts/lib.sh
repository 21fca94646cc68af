# shellcheck shell=bash disable=SC2034
# Sourced first by every script here.
set -euo pipefail

# A caller that dies without a word, as under SIGKILL, must not leave its scripts running.
if [ "${SCRIPT_OWNER-}" != "$PPID" ]; then
    SCRIPT_OWNER=$PPID exec setpriv --pdeathsig TERM -- "$0" "$@"
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=${CARGO_TARGET_DIR:-target}
venv=target/venv

trap_signals() {
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}
trap_signals

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# run COMMAND...: in a process group of its own, to which every signal is handed on, so that nothing
# it starts can outlive it.
run() {
    local group status=0 ended=
    set -m
    setpriv --pdeathsig TERM -- "$@" </dev/null &
    group=$!
    set +m
    trap 'ended=130; kill -INT -- "-$group"' INT
    trap 'ended=143; kill -TERM -- "-$group"' TERM HUP
    # A trapped signal ends the wait, not the command.
    while
        status=0
        wait "$group" || status=$?
        kill -0 "$group" 2>/dev/null
    do :; done
    trap_signals
    kill -KILL -- "-$group" 2>/dev/null || true
    [ -z "$ended" ] || exit "$ended"
    return "$status"
}

# scratch [PARENT]: makes the directory $scratch, which goes when the script ends. One left by a run that was
# killed goes at the next call: its lock is free again.
scratch() {
    find /tmp "$(in_memory)" -maxdepth 1 -type d -name 'tenantry-test-*' -user "$(id -u)" -mmin +1 \
        -exec flock --nonblock {} rm -rf {} \;
    scratch=$(mktemp -d "${1:-${TMPDIR:-/tmp}}/tenantry-test-XXXXXX")
    chmod 711 "$scratch"
    exec {scratch_lock}<"$scratch"
    flock "$scratch_lock"
    trap clean_up EXIT
}

# in_memory: prints a directory in memory that has room for what tests keep at a time, or /tmp where there is none.
in_memory() {
    local room
    room=$(df --output=avail --block-size=1G /dev/shm 2>/dev/null | tail -n 1) || room=0
    if [ "$room" -ge 4 ] && [ -w /dev/shm ]; then echo /dev/shm; else echo /tmp; fi
}

clean_up() {
    trap '' INT TERM HUP
    stop_service
    rm -rf "$scratch"
}

# service SIGNAL COMMAND...: starts $service, which gets the signal when the script ends for any
# reason. Its output goes to $scratch/log, the time of its start, in nanoseconds, to $started.
service() {
    stop_signal=$1
    set -m
    started=$(date +%s%N)
    setpriv --pdeathsig "$1" "${@:2}" >"$scratch/log" 2>&1 &
    service=$!
    set +m
}

stop_service() {
    [ -n "${service-}" ] || return 0
    kill -s "$stop_signal" "$service" 2>/dev/null || true
    wait "$service" 2>/dev/null || true
    service=
}

# await SECONDS COMMAND...: until the command succeeds; fails with the log if the service ends first.
await() {
    local deadline=$((SECONDS + $1))
    until "${@:2}"; do
        if ! kill -0 "$service" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
            tail -n 50 "$scratch/log" >&2
            die "$0: the service did not become ready"
        fi
        sleep 0.005
    done
}

# Below the range from which the kernel takes the ports of outgoing connections.
free_port() {
    local port
    while
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
    do :; done
    echo "$port"
}

# server BINARY: serves on $E2E_URL from an empty data directory and waits until it is ready. Its tenants may have a relay
# on $E2E_SMTP_PORT; it asks the name server on $E2E_DNS_PORT.
server() {
    local port
    # What the developer's own server is set to must not reach this one.
    unset "${!TENANTRY_@}"
    port=$(free_port)
    while E2E_SMTP_PORT=$(free_port) && [ "$E2E_SMTP_PORT" = "$port" ]; do :; done
    E2E_DNS_PORT=$(free_port)
    export E2E_URL=http://127.0.0.1:$port E2E_USER=admin E2E_BINARY=$1 E2E_DATA=$scratch/data E2E_SMTP_PORT E2E_DNS_PORT
    E2E_PASSWORD=Aa1!$(head --bytes 15 /dev/urandom | base64)
    export E2E_PASSWORD
    service KILL env TENANTRY_LISTEN="127.0.0.1:$port" TENANTRY_PUBLIC_URL="$E2E_URL" \
        TENANTRY_DATA_DIR="$E2E_DATA" TENANTRY_ADMIN_PASSWORD="$E2E_PASSWORD" TENANTRY_SMTP_PORTS="$E2E_SMTP_PORT" \
        TENANTRY_GRPC_REFLECTION=true TENANTRY_DNS_SERVERS="127.0.0.1:$E2E_DNS_PORT" "$1"
    await 30 ready "$port"
}

ready() {
    local answer
    answer=$( (
        exec 3<>"/dev/tcp/127.0.0.1/$1"
        printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$1" >&3
        timeout 2 head -n 1 <&3
    ) 2>/dev/null) || return
    [[ $answer == *' 200 '* ]]
}
