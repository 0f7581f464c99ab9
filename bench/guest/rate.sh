#!/bin/bash
# usage: rate.sh SECONDS TRACER:PAUSE:EVERY...: storms of mmap, munmap and fork on both CPUs, with a pause of PAUSE µs after each EVERYth cycle; prints
# "TRACER PAUSE EVERY NS EVENTS LOST RSS_EARLY RSS_LATE": events that were told and those that were lost, and memory in kB after 10 s and at the end.
. "${0%/*}/tracers.sh"
seconds=$1
shift

plain_default() {
  bpftrace -c "bash $2" "$B/peer-fentry.bt" > "$1" 2> "$W/plain.err"
}

# Lines that have a number, and how many numbers there were.
count_umaptrace() {
  awk '/^[A-Z][A-Z]? / && $3 != "0" { told++ } /^@n\[/ { all += $2 } END { print told + 0, all - told }' "$W/out"
}

count_plain() {
  echo "$(grep -c '^[a-z]' "$W/out") $(awk '/^Lost [0-9]+ events/ { lost += $2 } END { print lost + 0 }' "$W/plain.err" "$W/out")"
}

for run; do
  IFS=: read -r tracer pause every <<< "$run"
  cat > "$W/storm" <<END
#!/bin/bash
storm --seconds $seconds --cycles 1000000000 --threads 2 --fork-every 50 --pause $pause --pause-every $every > $W/storm.out &
rss() { grep -s VmRSS /proc/\$(pgrep -o -x node)/status | grep -o '[0-9]*'; }
sleep 10
early=\$(rss)
sleep $((seconds - 11))
echo "\${early:-0} \$(rss || echo 0)" > $W/rss
wait
END
  chmod +x "$W/storm"
  rm -f "$W/out"
  $tracer "$W/out" "$W/storm" || { echo "$run failed" >&2; tail -n 3 "$W"/*.err >&2; continue; }
  ns=$(grep -o '"elapsed_ns":"\?[0-9]*' "$W/storm.out" | grep -o '[0-9]*$')
  case $tracer in
    umaptrace*) counts=$(count_umaptrace) ;;
    *) counts=$(count_plain) ;;
  esac
  echo "$tracer $pause $every $ns $counts $(cat "$W/rss")"
done
