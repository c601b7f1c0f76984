package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// notification is what the store is to tell a game server, and where.
type notification struct {
	Token string `json:"purchaseToken"`
	Type  int    `json:"type"` // of a subscription notification; 0: a payment notification
	URL   string `json:"url"`  // empty: show it only
}

// receiver is patient enough for a game server in a debugger, and follows nobody elsewhere.
var receiver = &http.Client{
	Timeout:       time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// tell makes a notification and delivers it. ONE store would repeat what was not answered with 200.
func tell(f *fake, input []byte) (any, error) {
	in, err := decode[notification](input)
	if err != nil {
		return nil, err
	}
	if in.Type < 0 || in.Type > 13 {
		return nil, invalid("type", "is none of 1 to 13")
	}
	var body []byte
	if _, err := change(f, in.Token, func(s *onestoretest.Store, token string) {
		if in.Type == 0 {
			body = s.PaymentNotification(token)
		} else {
			body = s.SubscriptionNotification(token, in.Type)
		}
	}); err != nil {
		return nil, err
	}
	if in.URL == "" {
		return map[string]any{"body": string(body)}, nil
	}
	if u, err := url.Parse(in.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, invalid("url", "is not an absolute http or https URL")
	}
	res, err := receiver.Post(in.URL, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the game server did not answer: " + err.Error())
	}
	defer res.Body.Close()
	return map[string]any{"body": string(body), "status": res.StatusCode}, nil
}
