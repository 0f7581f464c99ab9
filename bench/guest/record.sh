#!/bin/bash
# usage: record.sh CYCLES ROUNDS TRACER...: A B A B, the storm once for each; prints "TRACER NS CYCLES SIZE". Without the host: cost.sh is what measures.
. "${0%/*}/tracers.sh"
cycles=$1 rounds=$2
shift 2

cat > "$W/storm" <<END
#!/bin/sh
exec storm --cycles $cycles > $W/storm.out
END
chmod +x "$W/storm"

for round in $(seq "$rounds"); do
  for tracer; do
    rm -f "$W/out"
    $tracer "$W/out" "$W/storm" || { echo "$tracer failed" >&2; tail -n 3 "$W"/*.err >&2; continue; }
    size=$(stat -c %s "$W/out" 2> /dev/null || echo 0)
    ns=$(grep -o '"elapsed_ns":"\?[0-9]*' "$W/storm.out" | grep -o '[0-9]*$')
    echo "$tracer $ns $cycles $size"
    if [ "$round" = 1 ] && [ -n "$KEEP" ] && [ -e "$W/out" ]; then cp "$W/out" "$KEEP/$tracer.out"; fi
  done
done
