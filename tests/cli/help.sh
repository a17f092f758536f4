# shellcheck shell=sh
# help, version, and that the manual pages know every command, key and variable.

expect 0
says out "usage: cmonha-ui COMMAND"
silent err
cp out overview
for words in help --help -h; do
	expect 0 $words
	same out overview
done
commands=$(sed -n 's/^  \([a-z][a-z]*\)  *[a-z].*/\1/p' overview)
for name in init check render diff apply status targets remove help version; do
	is "does not list $name" grep -qE "^  $name " overview
done
for name in $commands; do
	expect 0 help "$name"
	says out "usage: cmonha-ui $name"
	silent err
	expect 64 "$name" --no-such-option
	case $name in
	help | hook | version) ;;
	*)
		expect 0 "$name" --help
		says out "usage: cmonha-ui $name"
		expect 64 "$name" one two
		silent out
		says err "usage: cmonha-ui $name"
		;;
	esac
done
expect 0 help config
for key in vip interface virtual_router_id advert_interval lost_adverts preempt forward stats cut_sessions port server \
	source interval deadline quorum rpc_port allow s9s_home services_line address priority roles; do
	says out "    $key = "
done
expect 64 help bogus
silent out
says err 'there is no help for "bogus"'
expect 64 help init check
expect 0 version
lines out 1
is "says $(cat out)" grep -qxE 'cmonha-ui [0-9]+\.[0-9]+\.[0-9]+' out
cp out version
for words in --version -V; do
	expect 0 $words
	same out version
done
expect 64 version please
expect 64 bogus
silent out
says err 'cmonha-ui: unknown command "bogus"'
says err '"cmonha-ui help" lists the commands'
expect 64 ''
expect 64 Check
expect 64 --config good.conf check

# The manual pages know every command, every key and every variable of the templates.
if [ -e "$repository/conf/man/cmonha-ui.8" ]; then
	label="cmonha-ui.8"
	for name in $commands; do
		is "does not document the command $name" \
			grep -qE "^\.(It|Nm|Cm|Ic|Ss|Sh).*\b$name\b" "$repository/conf/man/cmonha-ui.8"
	done
fi
if [ -e "$repository/conf/man/cmonha-ui.conf.5" ]; then
	label="cmonha-ui.conf.5"
	"$tool" help config | sed -n 's/^    \([a-z_0-9]*\) = .*/\1/p' | sort -u >keys
	sed -n 's/{{[#^]\{0,1\}\([a-z_0-9]*\)}}/\n<\1>\n/gp' "$repository"/conf/templates/* |
		sed -n 's/^<\(.*\)>$/\1/p' | sort -u >variables
	while read -r word; do
		is "does not document $word" grep -qE "\b$word\b" "$repository/conf/man/cmonha-ui.conf.5"
	done <<END
$(cat keys variables)
END
fi
