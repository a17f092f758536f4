# shellcheck shell=sh
# The options: one table is what is parsed, what the synopsis lists and what help explains.

# Every option that the synopsis lists is explained, and the other way round; each is accepted.
for name in init check render diff apply status targets remove; do
	expect 0 help "$name"
	cp out help.$name
	sed -n '1,/^$/p' help.$name | grep -o -- '--[a-z-]*' | sort >listed
	sed -n 's/^  \(--[a-z-]*\).*/\1/p' help.$name | grep -vx -e --help | sort >explained
	same listed explained
	while read -r option; do
		value=/nowhere
		sed -n '1,/^$/p' help.$name | tr -d '\n' | grep -qF -- "[$option]" && value=
		run "$name" "$option" ${value:+"$value"} --help
		is "$option is not accepted" test "$status" -eq 0
	done <listed
	# And what an older synopsis did not list.
	case $name in
	check | diff | status) set -- --config --node --root --templates ;;
	render | apply) set -- --config --node --root --templates ;;
	remove) set -- --root ;;
	*) set -- --config ;;
	esac
	for option; do
		is "the synopsis of $name lacks $option" grep -qx -- "$option" listed
	done
	expect 64 "$name" --no-such-option
	lines err "$(($(sed -n '1,/^$/p' help.$name | wc -l)))"
	is "begins with $(head -n 1 err)" \
		test "$(head -n 1 err)" = "cmonha-ui $name: unrecognized option '--no-such-option'"
	lacks err "not understood"
	[ "$name" = init ] || expect 64 "$name" one two
	[ "$name" = init ] || says err "cmonha-ui $name: too many arguments"
done
expect 64 apply --node
says err "cmonha-ui apply: option '--node' requires an argument"
expect 64 apply --dry-run=yes
says err "cmonha-ui apply: option '--dry-run' doesn't allow an argument"
expect 64 init --vip 10.0.0.200 --node cc1=10.0.0.101 word
says err "cmonha-ui init: too many arguments"
