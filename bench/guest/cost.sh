#!/bin/bash
# usage: cost.sh CYCLES ROUNDS TRACER...: A B A B; prints "TRACER NS CPU BYTES" for each run: the storm's time from start to end and the
# host's processor time for the storm's CPU, ns, and what the tracer wrote for one cycle.
. "${0%/*}/tracers.sh"
cycles=$1 rounds=$2
shift 2

# What the tracer runs. The storm has CPU 0 for itself, all else is on CPU 1. bench/vcpu.ts answers what CPU 0 has cost.
cat > "$W/storm" <<END
#!/bin/bash
ask() {
  : > /share/ask 2>> $W/ask.err # the host may have taken it away before the shell has finished to open it
  until [ -s /share/told ]; do sleep 0.02; done
  read -r CPU < /share/told
  rm /share/told
}
taskset -c 0 storm --cycles 1000 > $W/storm.out
ask
before=\$CPU
taskset -c 0 storm --cycles $cycles > $W/storm.out
ask
echo "\$(grep -o '"elapsed_ns":"\?[0-9]*' $W/storm.out | grep -o '[0-9]*\$') \$((CPU - before))" > $W/figures
END
chmod +x "$W/storm"
taskset -cp 1 $$ > "$W/taskset.out" || exit

for round in $(seq "$rounds"); do
  for tracer; do
    rm -f "$W/out"
    $tracer "$W/out" "$W/storm" || { echo "$tracer failed" >&2; tail -n 3 "$W"/*.err >&2; continue; }
    size=$(stat -c %s "$W/out" 2> /dev/null || echo 0)
    echo "$tracer $(cat "$W/figures") $((size / (1000 + cycles)))"
    if [ "$round" = 1 ] && [ -n "$KEEP" ] && [ -e "$W/out" ]; then cp "$W/out" "$KEEP/$tracer.out"; fi
  done
done
