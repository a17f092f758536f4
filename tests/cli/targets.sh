# shellcheck shell=sh
# targets: the nodes of a cluster file for Prometheus.

cat >six.conf <<'END'
[cluster]
vip = fd00::200/64
[check]
port = 9300
[node cc1]
address = fd00::1
[node p]
address = fd00::2
roles = proxy
END
expect 0 targets --config good.conf
silent err
targets_are() { is "they are $(cat out)" test "$(jq -c '[.[] | [.targets[0], .labels.cluster, .labels.node]]' out)" = "$1"; }
if command -v jq >jq 2>&1; then
	targets_are '[["10.0.0.101:9201","10.0.0.200","cc1"],["10.0.0.102:9201","10.0.0.200","cc2"],["10.0.0.103:9201","10.0.0.200","cc3"]]'
	expect 0 targets --config six.conf
	targets_are '[["[fd00::1]:9300","fd00::200","cc1"],["[fd00::2]:9300","fd00::200","p"]]'
else
	skip "targets: jq is not installed"
fi
image
cp good.conf image/etc/cmonha-ui/cluster.conf
expect 0 targets --root "$here/image"
says out '"10.0.0.103:9201"'
expect 78 targets --config bad.conf
silent out
expect 64 targets --config good.conf now

# The packaged files, laid out as prometheus.yml says.
label="conf/monitoring/prometheus.yml"
mkdir -p prometheus/cmonha-ui
cp "$repository/conf/monitoring/prometheus.yml" prometheus
cp "$repository/conf/monitoring/rules.yml" prometheus/cmonha-ui
"$tool" targets --config good.conf >prometheus/cmonha-ui/one.json
"$tool" targets --config six.conf >prometheus/cmonha-ui/two.json
if command -v promtool >jq 2>&1; then
	promtool check config prometheus/prometheus.yml >out 2>err
	is "promtool: $(cat out err)" test $? -eq 0
	says out "SUCCESS"
else
	skip "targets by promtool: prometheus is not installed"
fi
