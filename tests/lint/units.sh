#!/usr/bin/env bash
# units.sh: the systemd units are understood, the daemons are shut in well, have limits, and tell
# systemd how they are.
. "$(dirname "${BASH_SOURCE[0]}")/lint.sh"

# The programs are not installed where the tests run: their absence is no complaint.
for unit in systemd/*.service systemd/*.socket systemd/*.target; do
	systemd-analyze verify --man=no "$unit" 2>&1
done | grep -F promptbuilder | grep -vE 'is not executable|not found|Failed to create|Unit configuration has fatal' |
	sort -u | expect_none "systemd understands the units"

# too_exposed UNIT: what systemd says of a service that is exposed more than 2.0
too_exposed()
{
	systemd-analyze security --offline=true --threshold=20 "$1" >/dev/null 2>&1 ||
		systemd-analyze security --offline=true "$1" 2>&1 | tail -n 1
}
for unit in systemd/*.service; do
	too_exposed "$unit"
done | expect_none "no service is exposed more than 2.0"

weak=$(mktemp --suffix=.service)
grep -v '^ProtectSystem\|^Capability\|^User\|^PrivateUsers\|^SystemCallFilter' \
	systemd/promptbuilder-web.service >"$weak"
[ -n "$(too_exposed "$weak")" ] || echo "$weak" | expect_none "a planted weak service is found"
rm -f "$weak"

# lacks FILE DIRECTIVE...: the directives, extended regular expressions of whole lines, that it lacks
lacks()
{
	local file=$1 directive
	shift
	for directive in "$@"; do
		grep -qxE "$directive" "$file" || echo "$file: $directive"
	done
}
{
	for unit in systemd/*.service; do
		lacks "$unit" 'User=promptbuilder' 'Type=notify' 'WatchdogSec=[0-9]+' \
			'Restart=on-failure' 'RestartSec=1' 'TimeoutStopSec=[0-9]+' \
			'MemoryMax=[0-9]+[MG]' 'TasksMax=[0-9]+' 'LimitNOFILE=[0-9]+' 'LimitCORE=0' \
			'UMask=0077' 'NoNewPrivileges=yes' 'CapabilityBoundingSet='
	done
	lacks systemd/promptbuilder-web.socket 'SocketMode=0660' 'SocketGroup=www-data' \
		'DirectoryMode=0750'
	lacks systemd/promptbuilder-tmpfiles.conf 'd /run/promptbuilder 0750 promptbuilder www-data -'
} | expect_none "services have limits and a watchdog, and the socket is nginx's alone"
