package main

import (
	"strings"
	"testing"
	"time"
)

func TestTheCommandLine(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string // in the error; empty: none
	}{
		"nothing but defaults":     {nil, ""},
		"a Redis":                  {[]string{"-redis", "redis://127.0.0.1"}, ""},
		"two states":               {[]string{"-redis", "redis://127.0.0.1", "-state", "/tmp"}, ""},
		"a Google Play":            {[]string{"-play", "http://127.0.0.1"}, ""},
		"of no Google Play":        {[]string{"-play-key", "key.json"}, "-play, which is not given"},
		"a state":                  {[]string{"-state", "/tmp"}, ""},
		"voids before their time":  {[]string{"-t-void", "-1s"}, "-t-void is -1s"},
		"an adapter that is none":  {[]string{"-adapter", "echo"}, `-adapter is "echo"`},
		"a binding that is none":   {[]string{"-binding", "on"}, `-binding is "on"`},
		"no time to stop":          {[]string{"-t-drain", "0s"}, "-t-drain is 0s"},
		"a negative stale window":  {[]string{"-t-stale", "-1s"}, "must not be negative"},
		"an argument without flag": {[]string{"fiber"}, "arguments that are no flags"},
	} {
		_, err := parse(test.args)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestTheKnobs(t *testing.T) {
	o, err := parse([]string{"-t-call", "300ms", "-t-pos", "2s", "-n-trip", "7", "-b-store", "http://127.0.0.1:1", "-t-void", "1s", "-t-sync", "1s", "-t-redis", "1s"})
	if err != nil {
		t.Fatal(err)
	}
	if o.call != 300*time.Millisecond || o.fresh != 2*time.Second || o.trip != 7 || o.refresh != 0 {
		t.Errorf("%+v", o)
	}
	with := len(routes(o))
	o.b = account{}
	if without := len(routes(o)); with != without+1 {
		t.Errorf("%d routes with a second client, %d without", with, without)
	}
}
