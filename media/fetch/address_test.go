package fetch_test

import (
	"net/netip"
	"testing"

	"qm-compliance/media/fetch"
)

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.0", "168.63.129.15", "169.253.255.255",
		"169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0",
		"198.17.255.255", "198.20.0.0",
		"198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
		"2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700:4700::1111", "2a00:1450:4001::1",
		"::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
	} {
		if !fetch.Public(netip.MustParseAddr(text)) {
			t.Errorf("%s is refused; want it public", text)
		}
	}
}

func TestAddressesThatAreNotPublic(t *testing.T) {
	t.Parallel()
	for kind, texts := range map[string][]string{
		"this network": {"0.0.0.0", "0.1.2.3", "0.255.255.255"},
		"private": {"10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.0",
			"192.168.255.255", "fc00::1", "fd00:ec2::254", "fdff::1"},
		"between provider": {"100.64.0.0", "100.100.100.200", "100.127.255.255"},
		"loopback":         {"127.0.0.1", "127.1.2.3", "127.255.255.255", "::1"},
		"a cloud's host":   {"168.63.129.16"},
		"link-local":       {"169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "febf::1"},
		"protocols":        {"192.0.0.1", "192.0.0.192", "192.88.99.1", "2001:20::1"},
		"documentation": {"192.0.2.1", "198.51.100.1", "203.0.113.255", "2001:db8::1", "3fff::1",
			"3fff:fff::1"},
		"benchmarks":  {"198.18.0.0", "198.19.255.255", "2001:2::1"},
		"multicast":   {"224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"},
		"reserved":    {"240.0.0.0", "255.255.255.254", "4000::1", "5f00::1", "8000::1"},
		"broadcast":   {"255.255.255.255"},
		"unspecified": {"::"},
		"site-local":  {"fec0::1"},
		"discard":     {"100::1"},
		"mapped": {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0",
			"::ffff:a9fe:a9fe"},
		"compatible": {"::127.0.0.1", "::10.0.0.1", "::8.8.8.8"},
		"translated": {"::ffff:0:7f00:1"},
		"NAT64": {"64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe",
			"64:ff9b:1::8.8.8.8"},
		"6to4":              {"2002:7f00:1::1", "2002:a00:1::1", "2002:a9fe:a9fe::1"},
		"Teredo":            {"2001:0:4136:e378:8000:63bf:80ff:fffe", "2001::1"},
		"with a zone":       {"fe80::1%eth0", "2606:4700:4700::1111%eth0", "::ffff:8.8.8.8%eth0", "::1%lo"},
		"ISATAP of private": {"fe80::5efe:10.0.0.1"},
	} {
		for _, text := range texts {
			if fetch.Public(netip.MustParseAddr(text)) {
				t.Errorf("%s: %s is public; want it refused", kind, text)
			}
		}
	}
	if fetch.Public(netip.Addr{}) {
		t.Error("no address at all is public; want it refused")
	}
}
