# proxy.sh: sourced by the fault tests: proxies that break what is between two programs (proxy.py).

# A proxy in front of something; sets two variables: its port, and that of its commands.
proxy() # NAME TARGET
{
	local out=$work/$1.proxy
	python3 "$(dirname "${BASH_SOURCE[0]}")/proxy.py" "$2" >"$out" &
	children+=("$!") # the kit ends them
	disown "$!"
	until [ -s "$out" ]; do sleep 0.02; done
	read -r "$1_port" "$1_control" <"$out"
}

# Tells a proxy what to do.
order() # NAME COMMAND...
{
	local control=$1_control answer
	exec 4<>"/dev/tcp/127.0.0.1/${!control}"
	echo "${*:2}" >&4
	read -r answer <&4
	exec 4>&-
	[[ $answer = ok* ]]
}
