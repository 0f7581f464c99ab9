#!/bin/bash
# usage: cost.sh CYCLES ROUNDS TRACER...: A B A B; prints "TRACER NS CPU NS_FROZEN CPU_FROZEN BYTES" for each run: the storm's time from start to end and the
# host's processor time for the storm's CPU, ns, while the tracer works and while it is frozen; then what it wrote for one cycle.
. "${0%/*}/tracers.sh"
cycles=$1 rounds=$2 GROUP=/sys/fs/cgroup/tracer
shift 2

# What the tracer runs. The storm has CPU 0 for itself, all else is on CPU 1. bench/vcpu.ts answers what CPU 0 has cost.
cat > "$W/storm" <<END
#!/bin/bash
echo \$\$ > /sys/fs/cgroup/cgroup.procs
ask() {
  : > /share/ask 2>> $W/ask.err # the host may have taken it away before the shell has finished to open it
  until [ -s /share/told ]; do sleep 0.02; done
  read -r CPU < /share/told
  rm /share/told
}
measure() {
  ask; local before=\$CPU
  taskset -c 0 storm --cycles $cycles > $W/storm.out
  ask
  echo "\$(grep -o '"elapsed_ns":"\?[0-9]*' $W/storm.out | grep -o '[0-9]*\$') \$((CPU - before))"
}
freeze() {
  echo \$1 > $GROUP/cgroup.freeze
  until grep -q "frozen \$1" $GROUP/cgroup.events; do sleep 0.02; done
}
{
  taskset -c 0 storm --cycles 1000 > $W/storm.out
  measure
  sleep 2
  freeze 1
  measure
  freeze 0
} > $W/figures
END
chmod +x "$W/storm"
mkdir -p "$GROUP" && taskset -cp 1 $$ > "$W/taskset.out" || exit

for round in $(seq "$rounds"); do
  for tracer; do
    rm -f "$W/out"
    (echo "$BASHPID" > "$GROUP/cgroup.procs" && $tracer "$W/out" "$W/storm") ||
      { echo "$tracer failed" >&2; tail -n 3 "$W"/*.err >&2; continue; }
    size=$(stat -c %s "$W/out" 2> /dev/null || echo 0)
    echo "$tracer" $(cat "$W/figures") $((size / (1000 + 2 * cycles)))
    if [ "$round" = 1 ] && [ -n "$KEEP" ] && [ -e "$W/out" ]; then cp "$W/out" "$KEEP/$tracer.out"; fi
  done
done
