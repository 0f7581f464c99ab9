# The tracers that are compared; sourced in the guest. Each function runs COMMAND traced: traced_by_X FILE COMMAND...
# B is the folder with the peers and perf, W a folder of the guest's own disk.
B=/lab/checkout/bench
W=${W:-/tmp/bench}
EVENTS=umapbench
# The same buffers for all: 64 MiB. bpftrace (from 0.19 on) has one for both CPUs, the others one for each.
PAGES=16384
PERF="${PERF:-/share/perf/ld.so --library-path /share/perf /share/perf/perf}"
mkdir -p "$W"

kprobe_events() {
  cat "$B/kprobe-events" > /sys/kernel/tracing/kprobe_events || { cat /sys/kernel/tracing/error_log >&2; return 1; }
}

no_kprobe_events() {
  echo 0 > /sys/kernel/tracing/events/enable
  echo > /sys/kernel/tracing/kprobe_events
}

untraced() { shift; "$@"; }
again() { shift; "$@"; }

umaptrace_record() {
  out=$1; shift
  umaptrace record --force -o "$out" -- "$@" 2> "$W/umaptrace.err"
}

# bpftrace splits its -c at blanks, and wants the name of a program, not of a script.
plain() {
  BPFTRACE_PERF_RB_PAGES=$PAGES bpftrace -c "bash $3" "$B/$1" > "$2" 2> "$W/plain.err"
}
plain_fentry() { plain peer-fentry.bt "$@"; }
plain_kprobe() { plain peer-kprobe.bt "$@"; }

trace_cmd() {
  out=$1; shift
  kprobe_events || return
  trace-cmd record -q -b $((PAGES * 2)) -e $EVENTS -o "$out" "$@" > "$W/trace-cmd.out" 2> "$W/trace-cmd.err"
  no_kprobe_events
}

perf_record() {
  out=$1; shift
  kprobe_events || return
  $PERF record -q -a -m $((PAGES / 2)) -e "$EVENTS:*" -o "$out" -- "$@" > "$W/perf.out" 2> "$W/perf.err"
  no_kprobe_events
}
