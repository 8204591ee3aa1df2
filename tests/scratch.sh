#!/bin/sh
# Says where tests put their files: in memory where there is plenty, since they wait for the disk a fifth of their time.
set -eu
free_kb=$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1 || echo 0)
if [ "${free_kb:-0}" -ge 8000000 ] && [ -w /dev/shm ] && ! grep -q ' /dev/shm .*noexec' /proc/mounts; then
  echo /dev/shm
else
  echo "${TMPDIR:-/tmp}"
fi
