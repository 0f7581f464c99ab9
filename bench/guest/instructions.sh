#!/bin/bash
# usage: instructions.sh CYCLES ROUNDS TRACER...: A B A B; prints "TRACER NS" for each run: the storm's time while the tracer's processes are
# frozen, so that what is left is the kernel's work on the traced path: programs, trampolines, probes, buffers.
. "${0%/*}/tracers.sh"
cycles=$1 rounds=$2 GROUP=/sys/fs/cgroup/tracer
shift 2

cat > "$W/storm" <<END
#!/bin/bash
echo \$\$ > /sys/fs/cgroup/cgroup.procs
freeze() {
  echo \$1 > $GROUP/cgroup.freeze
  until grep -q "frozen \$1" $GROUP/cgroup.events; do sleep 0.02; done
}
taskset -c 0 storm --cycles 300 > $W/storm.out
sleep 1
freeze 1
taskset -c 0 storm --cycles $cycles > $W/storm.out
freeze 0
END
chmod +x "$W/storm"
mkdir -p "$GROUP" && taskset -cp 1 $$ > "$W/taskset.out" || exit

for round in $(seq "$rounds"); do
  for tracer; do
    rm -f "$W/out"
    (echo "$BASHPID" > "$GROUP/cgroup.procs" && $tracer "$W/out" "$W/storm") ||
      { echo "$tracer failed" >&2; tail -n 3 "$W"/*.err >&2; continue; }
    echo "$tracer $(grep -o '"elapsed_ns":"\?[0-9]*' "$W/storm.out" | grep -o '[0-9]*$')"
  done
done
