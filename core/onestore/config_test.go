package onestore_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

func TestNewReportsEveryFaultAtOnce(t *testing.T) {
	_, err := onestore.New(onestore.Config{Name: "a b", ClientID: "a/b", ClientSecret: "CANARY secret", Market: "MKT_GLC", Environment: "prod", BaseURL: "http://example.com"})
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, field := range []string{"Name", "ClientID", "ClientSecret", "Market", "Environment", "BaseURL"} {
		if len(lines) <= i || !strings.HasPrefix(lines[i], "onestore: "+field+" ") {
			t.Fatalf("line %d is not about %s:\n%v", i, field, err)
		}
	}
	if !strings.Contains(lines[3], "MKT_GLB") || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("%v", err)
	}
	_, err = onestore.New(onestore.Config{})
	if n := strings.Count(err.Error(), "\n") + 1; n != 4 {
		t.Errorf("the empty configuration has %d faults, want 4: %v", n, err)
	}
}

func TestNewChecksEachField(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*onestore.Config)
		fault  string // empty: accepted
	}{
		"a plain configuration":             {func(*onestore.Config) {}, ""},
		"a name":                            {func(c *onestore.Config) { c.Name = "onestore-b" }, ""},
		"a long client id":                  {func(c *onestore.Config) { c.ClientID = strings.Repeat("x", 129) }, "ClientID has 129 bytes"},
		"a client id of dots":               {func(c *onestore.Config) { c.ClientID = ".." }, "ClientID is a dot segment"},
		"a client id with an end of line":   {func(c *onestore.Config) { c.ClientID += "\n" }, "ClientID has a blank or a control character"},
		"a secret with an end of line":      {func(c *onestore.Config) { c.ClientSecret += "\n" }, "ClientSecret has a blank"},
		"a secret that is not UTF-8":        {func(c *onestore.Config) { c.ClientSecret = "\xff" }, "ClientSecret is not UTF-8"},
		"a market in lower case":            {func(c *onestore.Config) { c.Market = "mkt_glb" }, "Market is"},
		"no market":                         {func(c *onestore.Config) { c.Market = "" }, "Market is not set"},
		"no environment":                    {func(c *onestore.Config) { c.Environment = "" }, "Environment is not set"},
		"a legacy host":                     {func(c *onestore.Config) { c.BaseURL = "https://sbpp.onestore.co.kr" }, ""},
		"a prefix":                          {func(c *onestore.Config) { c.BaseURL = "https://proxy.example/one/store/" }, ""},
		"http on loopback":                  {func(c *onestore.Config) { c.BaseURL = "http://127.0.0.1:80" }, ""},
		"http on loopback, version 6":       {func(c *onestore.Config) { c.BaseURL = "http://[::1]:80" }, ""},
		"http on localhost":                 {func(c *onestore.Config) { c.BaseURL = "http://localhost:80" }, ""},
		"http elsewhere, insecurely":        {func(c *onestore.Config) { c.BaseURL, c.InsecureHTTP = "http://10.0.0.7:8080", true }, ""},
		"a file, insecurely":                {func(c *onestore.Config) { c.BaseURL, c.InsecureHTTP = "file:///etc", true }, "BaseURL is not an absolute"},
		"the other environment, insecurely": {func(c *onestore.Config) { c.BaseURL, c.InsecureHTTP = "http://apis.onestore.co.kr", true }, "BaseURL is a host of the commercial environment"},
		"http elsewhere":                    {func(c *onestore.Config) { c.BaseURL = "http://sbpp.onestore.net" }, "BaseURL is not https"},
		"http on a host like loopback":      {func(c *onestore.Config) { c.BaseURL = "http://127.0.0.1.example" }, "BaseURL is not https"},
		"the host of the other environment": {func(c *onestore.Config) { c.BaseURL = "https://apis.onestore.co.kr" }, "BaseURL is a host of the commercial environment"},
		"the misprinted host":               {func(c *onestore.Config) { c.BaseURL = "https://apis.onestore.com" }, "BaseURL is apis.onestore.com"},
		"a host without a scheme":           {func(c *onestore.Config) { c.BaseURL = "sbpp.onestore.net" }, "BaseURL is not an absolute"},
		"another scheme":                    {func(c *onestore.Config) { c.BaseURL = "file:///etc" }, "BaseURL is not an absolute"},
		"no host":                           {func(c *onestore.Config) { c.BaseURL = "https://" }, "BaseURL is not an absolute"},
		"nonsense":                          {func(c *onestore.Config) { c.BaseURL = "https://[::1" }, "BaseURL is not a URL"},
		"a password":                        {func(c *onestore.Config) { c.BaseURL = "https://u:CANARY@h" }, "BaseURL carries user information"},
		"a query":                           {func(c *onestore.Config) { c.BaseURL = "https://h?" }, "BaseURL carries a query"},
		"a fragment":                        {func(c *onestore.Config) { c.BaseURL = "https://h#" }, "BaseURL carries a query or a fragment"},
		"dots in the prefix":                {func(c *onestore.Config) { c.BaseURL = "https://h/a/../b" }, "BaseURL has a path"},
		"an escape in the prefix":           {func(c *onestore.Config) { c.BaseURL = "https://h/a%2fb" }, "BaseURL has a path"},
		"an empty segment in the prefix":    {func(c *onestore.Config) { c.BaseURL = "https://h//b" }, "BaseURL has a path"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config("")
			tc.change(&cfg)
			c, err := onestore.New(cfg)
			switch {
			case tc.fault == "" && (err != nil || c == nil):
				t.Errorf("refused: %v", err)
			case tc.fault != "" && (err == nil || c != nil || !strings.HasPrefix(err.Error(), "onestore: "+tc.fault)):
				t.Errorf("got %v, want %s", err, tc.fault)
			case err != nil && strings.Contains(err.Error(), "CANARY"):
				t.Errorf("a secret is shown: %v", err)
			}
		})
	}
}

func TestNothingPrintsTheSecret(t *testing.T) {
	cfg := config("")
	cfg.HTTPClient = &http.Client{}
	c := client(t, cfg)
	var out bytes.Buffer
	for _, v := range []any{cfg, &cfg, c, struct{ C onestore.Config }{cfg}, []*onestore.Client{c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			fmt.Fprintf(&out, verb, v)
		}
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			if _, nested := v.(struct{ C onestore.Config }); !nested { // JSON has no hook for fields
				slog.New(h).Info("made", "v", v)
			}
		}
	}
	if strings.Contains(out.String(), "CANARY") || !strings.Contains(out.String(), clientID) {
		t.Errorf("%s", out.String())
	}
}

func TestConfigFromEnvNamesEverythingThatIsMissing(t *testing.T) {
	names := []string{"ONESTORE_CLIENT_ID", "ONESTORE_CLIENT_SECRET", "ONESTORE_MARKET", "ONESTORE_ENVIRONMENT"}
	for _, name := range append(names, "ONESTORE_BASE_URL") {
		t.Setenv(name, "")
	}
	_, err := onestore.ConfigFromEnv()
	for _, name := range names {
		if err == nil || !strings.Contains(err.Error(), "onestore: "+name+" is not set") {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	t.Setenv("ONESTORE_CLIENT_ID", clientID)
	t.Setenv("ONESTORE_CLIENT_SECRET", secret)
	t.Setenv("ONESTORE_MARKET", "MKT_GLC")
	t.Setenv("ONESTORE_ENVIRONMENT", "prod")
	_, err = onestore.ConfigFromEnv()
	if err == nil || strings.Count(err.Error(), "onestore: ONESTORE_") != 2 || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("got %v", err)
	}
	t.Setenv("ONESTORE_MARKET", "MKT_ONE")
	t.Setenv("ONESTORE_ENVIRONMENT", "Commercial")
	t.Setenv("ONESTORE_BASE_URL", "https://apis.onestore.co.kr")
	got, err := onestore.ConfigFromEnv()
	want := onestore.Config{ClientID: clientID, ClientSecret: secret, Market: onestore.MarketKorea, Environment: onestore.Commercial, BaseURL: "https://apis.onestore.co.kr"}
	if err != nil || got != want {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := onestore.New(got); err != nil {
		t.Error(err)
	}
}

func TestDescribeTellsClientsApart(t *testing.T) {
	for _, tc := range []struct {
		env  onestore.Environment
		base string
		want string
	}{
		{onestore.Sandbox, "", "sandbox"},
		{onestore.Sandbox, "https://sbpp.onestore.net/", "sandbox"},
		{onestore.Sandbox, "https://sbpp.onestore.co.kr", "sandbox at sbpp.onestore.co.kr"},
		{onestore.Commercial, "", "commercial"},
		{onestore.Commercial, "https://proxy.example/one", "commercial at proxy.example/one"},
	} {
		cfg := config(tc.base)
		cfg.Environment, cfg.Name = tc.env, "b"
		c := client(t, cfg)
		want := core.StoreInfo{Platform: "onestore", Application: clientID, Market: "MKT_GLB", Environment: tc.want, Sandbox: tc.env == onestore.Sandbox}
		if got := c.Describe(); got != want || c.ID() != "b" {
			t.Errorf("%q: got %+v, want %+v", tc.base, got, want)
		}
	}
	if c := client(t, config("")); c.ID() != onestore.DefaultName {
		t.Errorf("the default name is %q", c.ID())
	}
}
