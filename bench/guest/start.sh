#!/bin/bash
# usage: start.sh ROUNDS STARTER...: A B A B; prints "STARTER WALL CPU", µs from its launch until all its probes are proven to be
# attached, and of processor time that it and all that it started took by then, or up to 0.2 s later.
W=${W:-/tmp/start} GROUP=/sys/fs/cgroup/start
rounds=$1
shift

# Runs a command in a cgroup of its own, which counts its processor time; $STARTED is its pid.
launch() {
  mkdir "$GROUP"
  LAUNCHED=${EPOCHREALTIME/./}
  (echo "$BASHPID" > "$GROUP/cgroup.procs" && exec "$@") &
  STARTED=$!
}

is_ready() { # STARTER [WHEN, in µs: when the ready file was written]
  local field cpu when=$2
  read -r field cpu < "$GROUP/cpu.stat"
  [ "$when" ] || when=$(stat -c %.6Y "$W/ready") || return
  echo "$1 $((${when/./} - LAUNCHED)) $cpu"
  kill -INT "$STARTED" && wait "$STARTED"
  until rmdir "$GROUP" 2> "$W/rmdir.err"; do sleep 0.1; done
}

# The program that umaptrace runs, by hand: ready when all the numbers of its readiness probes have been told. Waiting starts no process,
# and does not wake up often before it begins to attach, which it tells.
plain() {
  local -A seen=()
  local tag words number when=
  exec 3<> "$W/fifo"
  launch env $ENVIRONMENT bpftrace -q "$W/program.bt" > "$W/fifo" 2> "$W/plain.err"
  until read -r -t 1 -u 3 words; do kill -0 "$STARTED" || return; done
  until [ "$when" ]; do
    kill -0 "$STARTED" || return
    read -r words < /proc/version
    while read -r -t 0.05 -u 3 tag words; do
      [ "$tag" = "$TAG" ] && number=${words##* } && seen[$number]=1
      [ ${#seen[@]} = "$NUMBERS" ] && when=${EPOCHREALTIME/./} && break
    done
  done
  is_ready "$1" "$when"
  exec 3<&-
}

# Its ready file has the time: to look for it often would take from it the processors that it needs, both of them.
umaptrace_record() {
  local starter=$1
  shift
  rm -f "$W/ready"
  launch umaptrace record "$@" --force -o "$W/out" --ready-file "$W/ready" 2> "$W/umaptrace.err"
  until [ -e "$W/ready" ]; do
    kill -0 "$STARTED" || return
    read -r -t 0.2 -u 4
  done
  is_ready "$starter"
}

starter() {
  case $1 in
    plain*) plain "$1" ;;
    *no-audit) umaptrace_record "$1" --no-audit ;;
    *) umaptrace_record "$1" ;;
  esac
}

mkdir -p "$W" && mkfifo "$W/fifo" "$W/never" || exit
exec 4<> "$W/never"
umaptrace probes --program > "$W/program.bt" || exit
ENVIRONMENT=$(sed -n 's/^ \*   \(.*\) bpftrace .*/\1/p' "$W/program.bt")
NUMBERS=$(grep -c ':version_proc_show$' "$W/program.bt")
TAG=$(sed -n '/:version_proc_show$/,/^}/s/.*printf("\([A-Z]*\) .*/\1/p' "$W/program.bt" | head -n 1)
for round in $(seq "$rounds"); do
  for name; do
    starter "$name" || { echo "$name failed" >&2; tail -n 3 "$W"/*.err >&2; exit 1; }
  done
done
