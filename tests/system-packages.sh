#!/bin/sh
# Installs the programs that some tests start, where that is possible; says so where it is not.
wanted=""
command -v chromium >/dev/null || wanted="$wanted chromium"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || wanted="$wanted postgresql"
command -v redis-server >/dev/null || wanted="$wanted redis-server"
command -v cc >/dev/null || wanted="$wanted gcc libc6-dev"
command -v npm >/dev/null || wanted="$wanted nodejs npm"
[ -x /usr/sbin/sshd ] || wanted="$wanted openssh-server"
[ -z "$wanted" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests:$wanted"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $wanted >/dev/null
else
    echo "Not installed, so that tests which need them are skipped with this reason:$wanted"
fi
exit 0
