# shellcheck shell=sh
# pins: the keys of the controllers' certificates. Two of three speak TLS, in a network namespace that has their addresses.

expect 78 pins --config bad.conf
silent out
expect 64 pins --config good.conf now
nobody_cluster 'rpc_port = 9501' >nobody.conf

cat >with-controllers <<END
#!/bin/sh
set -eu
ip link set lo up
for address in 192.0.2.1 192.0.2.2; do
	ip address add \$address/24 dev lo
	openssl s_server -quiet -accept \$address:9501 -cert $PWD/cert.pem -key $PWD/key.pem &
	servers="\${servers:-} \$!"
done
tries=200
until [ "\$(ss -Htln 'sport = :9501' | wc -l)" = 2 ] || [ \$((tries -= 1)) -eq 0 ]; do sleep 0.05; done
status=0
"$tool" "\$@" || status=\$?
kill \$servers
exit \$status
END
printf '#!/bin/sh\nexec unshare --map-root-user --net %s "$@"\n' "$PWD/with-controllers" >in-network
chmod +x with-controllers in-network
if ! command -v openssl >which; then
	skip "pins of controllers: openssl is not installed"
elif unshare --map-root-user --net ip link set lo up 2>err; then
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=cc -keyout key.pem -out cert.pem 2>err
	pin=sha256//$(openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der |
		openssl dgst -sha256 -binary | openssl base64)
	connected=$tool
	tool=$PWD/in-network
	expect 69 pins --config nobody.conf
	printf '[node cc1]\npin = %s\n[node cc2]\npin = %s\n' "$pin" "$pin" >wanted
	is "printed is $(cat out)" cmp -s out wanted
	says err 'the controller of cc3, 192.0.2.3 port 9501, shows no certificate: '
	# What it prints is what the file takes; the proxy has no controller to ask.
	{ nobody_cluster 'rpc_port = 9501' | sed '/cc3/,$d' && printf '[node p]\naddress = 192.0.2.3\nroles = proxy\n'; } >two.conf
	sed -i "/^address = 192.0.2.[12]/a pin = $pin" two.conf
	expect 0 pins --config two.conf
	is "printed is $(cat out)" cmp -s out wanted
	says err "quorum: warning: "
	sed -i "0,/^pin = /s|^pin = .*|pin = sha256//$(printf %032d 0 | openssl base64)|" two.conf
	expect 1 pins --config two.conf
	is "printed is $(cat out)" cmp -s out wanted
	says err "two.conf: [node cc1] pin: the controller has another key"
	tool=$connected
else
	skip "pins of controllers: no network namespace ($(head -n 1 err))"
fi
