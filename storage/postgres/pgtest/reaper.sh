# Ends the server in directory $1 and removes the directory, once the process $2 has gone; at once without $2.
dir=$1
process=$2
pidfile=$dir/data/postmaster.pid

# A process of another user can't be signalled, but is there.
alive() {
	kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ]
}

end_server() {
	server=$(sed -n 1p "$pidfile")
	segment=$(sed -n '7s/.* //p' "$pidfile")
	kill -QUIT "$server" 2>/dev/null
	tenths=0
	while [ -f "$pidfile" ] && kill -0 "$server" 2>/dev/null && [ $tenths -lt 100 ]; do
		sleep 0.1
		tenths=$((tenths + 1))
	done
	if [ -f "$pidfile" ]; then # it was killed before it could tidy up
		kill -KILL "$server" 2>/dev/null
		ipcrm -m "$segment" 2>/dev/null
	fi
}

while [ -n "$process" ] && [ -d "$dir" ] && alive "$process"; do
	sleep 1
done

# An initdb that lost its parent may still be writing: look again whether all stays away.
tries=0
while [ -d "$dir" ] && [ $tries -lt 30 ]; do
	[ ! -f "$pidfile" ] || end_server
	rm -rf "$dir" 2>/dev/null
	[ -z "$process" ] || sleep 1
	tries=$((tries + 1))
done
[ ! -d "$dir" ]
