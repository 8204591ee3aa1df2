#!/bin/sh
# Installs the programs that some tests start, where that is possible; says so where it is not.
# Arguments: other programs that are wanted, whose packages bear their names.
wanted="" browser=""
for program in "$@"; do command -v "$program" >/dev/null || wanted="$wanted $program"; done
command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || browser=chromium
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || wanted="$wanted postgresql"
command -v redis-server >/dev/null || wanted="$wanted redis-server"
command -v cc >/dev/null || wanted="$wanted gcc libc6-dev"
command -v npm >/dev/null || wanted="$wanted nodejs npm"
command -v ip >/dev/null || wanted="$wanted iproute2"
[ -x /usr/sbin/sshd ] || wanted="$wanted openssh-server"
[ -z "$wanted$browser" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests:$wanted $browser"
    apt-get update -qq
    # The one without windows, which Debian has and Ubuntu has not.
    if [ -n "$browser" ] && apt-cache show chromium-headless-shell >/dev/null 2>&1; then browser=chromium-headless-shell; fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $wanted $browser >/dev/null
else
    echo "Not installed, so that tests which need them are skipped with this reason:$wanted $browser"
fi
exit 0
