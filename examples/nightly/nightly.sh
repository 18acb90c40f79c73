#!/bin/sh
# Scan the log of one trading day, once it is there: nightly.sh [DAY [OPTION OF abtrade scan]...]
#
# Stands in the desk's folder, beside abtrade.toml. DAY is today in Shanghai where none is given.
# The log is logs/DAY.parquet; whoever brings it puts an empty logs/DAY.parquet.done beside it when it
# is whole. What is said goes to runs/DAY.log. One run at a time; 75 says that another is under way.
# WAIT_MINUTES: how long to wait for the log; ABTRADE: the command.
set -u
umask 077
cd "$(dirname "$0")" || exit 1
day=${1:-$(TZ=Asia/Shanghai date +%F)}
[ $# -eq 0 ] || shift
log=logs/$day.parquet

if grep -qsx "$day" holidays.txt; then
    exit 0
fi
mkdir -p runs || exit 1
exec 9>runs/lock
flock -n -E 75 9 || exit $?
exec >>"runs/$day.log" 2>&1
date "+--- %F %T $day"

left=${WAIT_MINUTES:-240}
while [ ! -e "$log.done" ] && [ "$left" -gt 0 ]; do
    sleep 60
    left=$((left - 1))
done
# Where the log has not come, the scan of what is missing fails, and the hook tells of it.
[ -e "$log.done" ] || log=$log.done

"${ABTRADE:-abtrade}" scan "$log" --day "$day" "$@" 9>&-
code=$?
echo "exit code $code"
find runs -name '*.log' -mtime +180 -delete
exit $code
