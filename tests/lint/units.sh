#!/usr/bin/env bash
# units.sh: the systemd units are understood, and the daemons are shut in well.
. "$(dirname "${BASH_SOURCE[0]}")/lint.sh"

# The programs are not installed where the tests run: their absence is no complaint.
for unit in systemd/*; do
	systemd-analyze verify --man=no "$unit" 2>&1
done | grep -F promptbuilder | grep -vE 'is not executable|not found|Failed to create|Unit configuration has fatal' |
	sort -u | expect_none "systemd understands the units"

for unit in systemd/*.service; do
	systemd-analyze security --offline=true --threshold=20 "$unit" >/dev/null 2>&1 ||
		systemd-analyze security --offline=true "$unit" 2>&1 | tail -n 1
done | expect_none "no service is exposed more than 2.0"
